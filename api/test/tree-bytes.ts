import { lstat, readdir, readFile, readlink } from 'node:fs/promises';

/** Everything that lies in a work tree, apart from .git: what it is, who may do what with it, and its bytes. By name, which is bytes. */
export async function treeBytes(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await read(Buffer.from(root), '', found);
  return found;
}

async function read(folder: Buffer, prefix: string, found: Record<string, string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const name = prefix + entry.name.toString('latin1');
    if (name === '.git') continue;
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    const mode = ((await lstat(path)).mode & 0o777).toString(8);
    if (entry.isDirectory()) {
      found[`${name}/`] = mode;
      await read(path, `${name}/`, found);
    } else if (entry.isSymbolicLink())
      found[name] = `-> ${(await readlink(path, { encoding: 'buffer' })).toString('latin1')}`;
    else found[name] = `${mode} ${(await readFile(path)).toString('base64')}`;
  }
}
