import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NotThere } from './not-there.ts';
import { isSafePath } from './safe-path.ts';

const PATH_BYTES = 4_096;

/** A path as a person may ask for it: relative, without detours, and never into a .git. @throws NotThere */
export function requirePath(path: string): string {
  const isFine = Buffer.byteLength(path) <= PATH_BYTES && !path.includes('\0') && isSafePath(path);
  if (!isFine) throw new NotThere('path');
  return path;
}

/** git keeps its own things under this name, in capitals as well where the disk does not tell them apart. */
export function isGitFolder(name: string): boolean {
  return name.toLowerCase() === '.git';
}

/** Why a path leads to nothing in this folder: a link on the way is one that nobody follows. */
export function whyNotThere(root: string, path: string): NotThere {
  for (let at = dirname(path); at !== '.' && at !== '/'; at = dirname(at)) {
    if (lstatSync(join(root, at), { throwIfNoEntry: false })?.isSymbolicLink()) return new NotThere('behind-link');
  }
  return new NotThere('path');
}
