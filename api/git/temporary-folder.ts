import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GitError } from './git-error.ts';

/** Folders that begin so were being made when the program ended; nothing in them is of use. */
export const TEMPORARY_PREFIX = '.preparing-';

/** A free name beside `path`, so that the rename to it stays on one file system. */
export function temporarySibling(path: string): string {
  return join(dirname(path), `${TEMPORARY_PREFIX}${basename(path)}-${randomBytes(6).toString('hex')}`);
}

/** Makes the folder above `path` and refuses with 'exists' when `path` is taken: nothing is ever overwritten. */
export function claimPlace(path: string): void {
  if (existsSync(path)) throw new GitError('exists', 'There is already something at that place.');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}

/** Puts a finished folder into its place in one step. */
export function moveIntoPlace(temporaryPath: string, path: string): void {
  if (existsSync(path)) throw new GitError('exists', 'There is already something at that place.');
  renameSync(temporaryPath, path);
}
