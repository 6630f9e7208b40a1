import { readFile } from 'node:fs/promises';

/** The branch a HEAD file names; null when it names a commit. */
export async function headBranch(file: string): Promise<string | null> {
  const [, branch] = /^ref: refs\/heads\/(.+)$/.exec((await readFile(file, 'utf8')).trim()) ?? [];
  return branch ?? null;
}
