import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/** What was asked for cannot be done; the message is a sentence for the person who asked. */
export class EditError extends Error {}

/**
 * The real place of a path somebody wrote in a message: below the workspace after every symbolic link, and in no .git.
 * Throws EditError.
 */
export async function workspacePath(workspace: string, path: string): Promise<string> {
  if (path === '' || path.includes('\0')) throw new EditError('A file needs a name.');
  if (isAbsolute(path)) throw new EditError(`${path}: only paths relative to the workspace are written.`);
  const root = await realpath(workspace);
  const wanted = join(root, path);
  if (wanted.endsWith(sep) || wanted === root) throw new EditError(`${path} names a folder, not a file.`);
  check(root, wanted, path);
  const real = await resolveLinks(wanted, path);
  check(root, real, path);
  return real;
}

function check(root: string, place: string, path: string): void {
  const inside = relative(root, place);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new EditError(`${path} is outside the workspace.`);
  }
  // Some file systems do not tell .GIT from .git.
  if (inside.split(sep).some((name) => name.toLowerCase() === '.git')) {
    throw new EditError(`${path} is in .git, which is not written to.`);
  }
}

/** Like realpath, for a path whose last parts need not exist yet. */
async function resolveLinks(place: string, path: string): Promise<string> {
  const missing: string[] = [];
  for (let at = place; ; at = dirname(at)) {
    const found = await lstat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      if (error.code === 'ENOTDIR') throw new EditError(`${path}: a part of the path is a file.`);
      throw error;
    });
    if (found) {
      const real = await realpath(at).catch(() => {
        throw new EditError(`${path} is a symbolic link that leads nowhere.`);
      });
      return join(real, ...missing);
    }
    missing.unshift(at.slice(dirname(at).length).replace(/^\/+/, ''));
  }
}
