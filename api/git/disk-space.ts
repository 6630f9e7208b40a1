import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** What is written in one piece from memory (workspace-files.ts) fits into so much; what did not fit was taken away again. */
const FULL_BELOW_BYTES = 40 * 1024 * 1024;

/**
 * Whether a disk that an operation writes to is as good as full. Some calls of nodegit fail without a word of why: then this
 * is the likely reason.
 */
export function isDiskFull(input: object): boolean {
  return ['path', 'basePath', 'temporaryPath'].some((name) => {
    const path: unknown = Reflect.get(input, name);
    return typeof path === 'string' && freeBytes(dirname(path)) < FULL_BELOW_BYTES;
  });
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
