import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files in which package managers write down exactly what they install. */
const LOCK_FILES = new Set([
  ...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
  ...['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', 'Cargo.lock', 'go.sum', 'Gemfile.lock', 'composer.lock'],
  ...['mix.lock', 'pubspec.lock', 'gradle.lockfile'],
]);
const REQUIREMENTS = /^requirements[^/]*\.txt$/;
const FOLDERS_MAX = 50_000;

export interface Survey {
  /** Paths of lock files, sorted. */
  lockFiles: string[];
  /** Paths of folders with one of the names, sorted; what is in them is not looked at. */
  folders: string[];
}

/** Looks through a workspace for lock files and for folders of some names. Links are not followed. */
export async function survey(root: string, folderNames: readonly string[]): Promise<Survey> {
  const names = new Set(folderNames);
  const found: Survey = { lockFiles: [], folders: [] };
  const queue = [''];
  for (let at = 0; at < queue.length && at < FOLDERS_MAX; at += 1) {
    const folder = queue[at] as string;
    for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) {
        if (names.has(entry.name)) found.folders.push(path);
        else if (entry.name !== '.git') queue.push(path);
      } else if (entry.isFile() && (LOCK_FILES.has(entry.name) || REQUIREMENTS.test(entry.name))) {
        found.lockFiles.push(path);
      }
    }
  }
  return { lockFiles: found.lockFiles.sort(), folders: found.folders.sort() };
}
