import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** What took long to make and serves every checkout of this account: KOSUKE_CACHE_DIR, or the account's cache folder. */
export function cacheDir() {
  if (process.env.KOSUKE_CACHE_DIR) return resolve(process.env.KOSUKE_CACHE_DIR);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kosuke');
}

/** A program that a dependency brings, e.g. `tsc`. */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}
