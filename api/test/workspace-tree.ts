import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that lies in a workspace apart from .git, with types and modes. */
export async function workspaceTree(root: string, below = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(join(root, below))).sort()) {
    if (below === '' && name === '.git') continue;
    const path = below ? `${below}/${name}` : name;
    const stats = await lstat(join(root, path));
    if (stats.isDirectory()) Object.assign(found, await workspaceTree(root, path));
    else if (stats.isSymbolicLink()) found[path] = `-> ${await readlink(join(root, path))}`;
    else found[path] = `${(stats.mode & 0o111) === 0 ? '' : '* '}${await readFile(join(root, path), 'latin1')}`;
  }
  return found;
}
