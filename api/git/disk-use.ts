import { type BigIntStats, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { systemCode } from './object-files.ts';

const BLOCK_BYTES = 512n;

/**
 * The bytes that come free when a folder is removed. A file with hard links counts when all of its names lie in the
 * folder, once; the objects that a workspace shares with the base repository do not. Links are not followed.
 */
export async function diskUse({ path }: { path: string }): Promise<number> {
  const names = new Map<string, bigint>();
  let bytes = 0n;
  const pending = [Buffer.from(path)];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    bytes += (look(folder)?.blocks ?? 0n) * BLOCK_BYTES;
    for (const entry of list(folder)) {
      const full = Buffer.concat([folder, Buffer.from('/'), entry.name]);
      if (entry.isDirectory()) {
        pending.push(full);
        continue;
      }
      const stats = look(full);
      if (!stats) continue;
      if (stats.nlink > 1n && !isLastName(names, stats)) continue;
      bytes += stats.blocks * BLOCK_BYTES;
    }
  }
  return Number(bytes);
}

function isLastName(names: Map<string, bigint>, { dev, ino, nlink }: BigIntStats): boolean {
  const inode = `${dev}:${ino}`;
  const seen = (names.get(inode) ?? 0n) + 1n;
  names.set(inode, seen);
  return seen === nlink;
}

/** Names are bytes here: an agent may have made some that are no text. What vanishes meanwhile is not there. */
function list(folder: Buffer): Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function look(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(systemCode(error) ?? '');
}
