import {
  closeSync,
  constants as fsConstants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './object-files.ts';

/** What was to be read is not at its path any more: it is gone, a link, or behind one. */
export class NotInPlace extends Error {
  override readonly name = 'NotInPlace';
}

/** Opens the file at this path, with no link on the way. One that is just being replaced is tried again. @throws NotInPlace */
export function openInPlace(full: string): number {
  // Not blocking: a pipe put here meanwhile would be waited for without end.
  return openProven(full, fsConstants.O_NONBLOCK);
}

/** Opens the folder at this path in the same way. @throws NotInPlace */
export function openFolderInPlace(full: string): number {
  return openProven(full, fsConstants.O_DIRECTORY);
}

/** What the link at this path holds, with no other link on the way to it. @throws NotInPlace */
export function readLinkInPlace(full: string): Buffer {
  try {
    const target = readlinkSync(full, { encoding: 'buffer' });
    if (realpathSync.native(dirname(full)) === dirname(full)) return target;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  throw new NotInPlace();
}

export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'].includes(systemCode(error) ?? '');
}

function openProven(full: string, flags: number): number {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const file = openWithoutFollowing(full, flags);
    if (isAt(file, full)) return file;
    closeSync(file);
  }
  throw new NotInPlace();
}

function openWithoutFollowing(full: string, flags: number): number {
  try {
    return openSync(full, fsConstants.O_RDONLY | fsConstants.O_NOFOLLOW | flags);
  } catch (error) {
    throw isGone(error) ? new NotInPlace() : error;
  }
}

/**
 * Whether what is open is what is at this path, whatever folders and links were swapped before or since. Only the kernel's
 * own word is proof: asking for the path and the file one after the other leaves a gap that a quick swap fits into.
 */
function isAt(file: number, full: string): boolean {
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${file}`) === full;
  const opened = fstatSync(file, { bigint: true });
  const there = lstatSync(full, { bigint: true, throwIfNoEntry: false });
  return there?.ino === opened.ino && there.dev === opened.dev && realpathSync.native(full) === full;
}
