import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { lookThrough } from './instruction-files.ts';
import { nodegit, type Repository, STATUS_OPTION, type StatusList } from './nodegit.ts';
import { systemCode } from './object-files.ts';

const PASS_EVERY_MS = 5;

/**
 * What libgit2 says of every file of a work tree. The tree is looked through for traps on this thread while libgit2 goes
 * through it on another: one after the other would take half as long again.
 */
export async function readStatus(repository: Repository): Promise<{ list: StatusList; unreachable: string[] }> {
  const root = repository.workdir()?.replace(/\/$/, '');
  if (!root) throw new Error('a bare repository has no status');
  let isReading = true;
  const reading = listStatus(repository).finally(() => {
    isReading = false;
  });
  reading.catch(() => undefined);
  const { refusal, pipes, unreachable } = lookThrough(root);
  if (!refusal) return { list: await reading, unreachable };
  // Nothing of the repository may be let go of while libgit2 still waits at a pipe.
  while (isReading) {
    for (const pipe of pipes) passOver(pipe);
    await setTimeout(PASS_EVERY_MS);
  }
  throw refusal;
}

/** Whoever waits for something to come out of a pipe is told that nothing will. */
function passOver(pipe: Buffer): void {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    // Nobody waits there yet, or it is gone.
    if (!['ENXIO', 'ENOENT'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** Of what cannot be reached, what git would want. */
export async function notIgnored(repository: Repository, paths: string[]): Promise<string[]> {
  const wanted: string[] = [];
  for (const path of paths) {
    const isIgnored = await nodegit.Ignore.pathIsIgnored(repository, path).catch(() => 0);
    if (isIgnored !== 1) wanted.push(path);
  }
  return wanted;
}

/** A file that goes away while libgit2 looks at it fails the whole list, with numbers that say no more: so it looks again. */
async function listStatus(repository: Repository): Promise<StatusList> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await nodegit.StatusList.create(repository, {
        flags: STATUS_OPTION.INCLUDE_UNTRACKED | STATUS_OPTION.RECURSE_UNTRACKED_DIRS,
      });
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}
