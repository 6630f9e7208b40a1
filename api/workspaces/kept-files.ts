import {
  chmod,
  copyFile,
  constants as fsConstants,
  link,
  lstat,
  mkdir,
  readdir,
  readlink,
  symlink,
  unlink,
} from 'node:fs/promises';
import type { Leftover } from '../git/git.ts';

/** What the owner needs to put something into a folder and to find it there again. */
const OWNER_MAY_ALL = 0o700;

/**
 * Gives files of a workspace a second name in a folder of ours, so that they outlive the workspace; nothing is moved, so
 * stopped anywhere nothing is lost. Paths are text of one character a byte.
 */
export async function keepFiles(workspace: string, files: Leftover[], into: string): Promise<void> {
  const made = new Set<string>();
  const modes: { path: Buffer; mode: number }[] = [];
  const opened: { path: Buffer; mode: number }[] = [];
  await mkdir(into, { recursive: true, mode: 0o700 });
  const makeFolder = async (path: string) => {
    if (path === '' || made.has(path)) return;
    made.add(path);
    await makeFolder(above(path));
    await mkdir(at(into, path));
  };
  try {
    for (const { path, kind, mode = OWNER_MAY_ALL } of files) {
      if (kind === 'folder') {
        await makeFolder(path);
        modes.push({ path: at(into, path), mode });
        if ((mode & OWNER_MAY_ALL) === OWNER_MAY_ALL) continue;
        await chmod(at(workspace, path), mode | OWNER_MAY_ALL);
        opened.push({ path: at(workspace, path), mode });
      } else {
        await makeFolder(above(path));
        await linkOrCopy(at(workspace, path), at(into, path));
      }
    }
  } finally {
    for (const { path, mode } of opened.reverse()) await chmod(path, mode);
  }
  for (const { path, mode } of modes.reverse()) await chmod(path, mode);
}

/**
 * Gives kept files their old names in a workspace that was made again. What stands in the way of a file is replaced by it;
 * where a folder cannot be, because there is a file or a link now, nothing is done. Returns those paths.
 */
export async function putBack(from: string, workspace: string): Promise<string[]> {
  const inTheWay: string[] = [];
  await putBackFolder(Buffer.from(from), Buffer.from(workspace), '', inTheWay);
  return inTheWay;
}

async function putBackFolder(from: Buffer, to: Buffer, relative: string, inTheWay: string[]): Promise<void> {
  const { mode } = await lstat(from);
  await chmod(from, OWNER_MAY_ALL);
  for (const entry of await readdir(from, { withFileTypes: true, encoding: 'buffer' })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const path = `${relative}${entry.name.toString()}`;
    const there = await lstat(target).catch(() => null);
    if (entry.isDirectory()) {
      if (!there) await mkdir(target);
      if (there && !there.isDirectory()) inTheWay.push(path);
      else await putBackFolder(source, target, `${path}/`, inTheWay);
    } else if (there?.isDirectory()) {
      inTheWay.push(path);
    } else {
      if (there) await unlink(target);
      await linkOrCopy(source, target);
    }
  }
  await chmod(from, mode & 0o777);
  if (relative !== '') await chmod(to, mode & 0o777);
}

/** A link is made anew, a file shares its content. */
async function linkOrCopy(from: Buffer, to: Buffer): Promise<void> {
  const stats = await lstat(from);
  if (stats.isSymbolicLink()) return await symlink(await readlink(from, { encoding: 'buffer' }), to);
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to, fsConstants.COPYFILE_FICLONE | fsConstants.COPYFILE_EXCL);
    await chmod(to, stats.mode & 0o777);
  }
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function at(folder: string, path: string): Buffer {
  return join(Buffer.from(folder), Buffer.from(path, 'latin1'));
}

function join(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}
