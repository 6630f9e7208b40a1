import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** More than the threads that do it, and it gets slower. */
const AT_ONCE = 4;
const WRITABLE = 0o700;

export interface TreeSize {
  files: number;
  bytes: number;
}

/** The tree is larger than what may be copied. */
export class TreeTooLarge extends Error {
  override readonly name = 'TreeTooLarge';
}

/**
 * Copies a folder in which nobody is at work: files (sharing their blocks where the file system can), folders, and links as
 * links, which are never followed. Other things, pipes and sockets, are left out. Modes and times of files are kept: build
 * tools go by them.
 * @throws TreeTooLarge
 */
export async function copyTree(from: string, to: string, maxBytes = Number.POSITIVE_INFINITY): Promise<TreeSize> {
  const size: TreeSize = { files: 0, bytes: 0 };
  const folders = [''];
  const modes: [string, number][] = [];
  for (const folder of folders) {
    const { mode } = await lstat(join(from, folder));
    await mkdir(join(to, folder), { mode: WRITABLE });
    modes.push([folder, mode & 0o777]);
    const files: string[] = [];
    for (const entry of await readdir(join(from, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
      else if (entry.isSymbolicLink()) await symlink(await readlink(join(from, path)), join(to, path));
    }
    await atOnce(files, async (path) => {
      const bytes = await copyOne(join(from, path), join(to, path));
      size.bytes += bytes;
      size.files += 1;
      if (size.bytes > maxBytes) throw new TreeTooLarge();
    });
  }
  // From the inside out: a folder that is not to be written to could not be filled.
  for (const [folder, mode] of modes.reverse()) await chmod(join(to, folder), mode);
  return size;
}

async function copyOne(from: string, to: string): Promise<number> {
  const { size, atime, mtime } = await lstat(from);
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await utimes(to, atime, mtime);
  return size;
}

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
