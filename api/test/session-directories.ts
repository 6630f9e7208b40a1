import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SessionDirectories {
  /** The folder both are in; what a test lays beside them must not be seen from inside. */
  root: string;
  workspacePath: string;
  homePath: string;
  remove(): Promise<void>;
}

/** A workspace with a .git and a home, for one test. */
export async function makeSessionDirectories(): Promise<SessionDirectories> {
  if (process.getuid?.() === 0) {
    throw new Error('Sandboxes are not started as root. Run `npm test`, which changes to an account of its own.');
  }
  const root = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-session-')));
  const workspacePath = join(root, 'workspace');
  const homePath = join(root, 'home');
  await mkdir(join(workspacePath, '.git'), { recursive: true });
  await writeFile(join(workspacePath, '.git/HEAD'), 'ref: refs/heads/main\n');
  await mkdir(homePath);
  return { root, workspacePath, homePath, remove: () => rm(root, { recursive: true, force: true }) };
}

/** Waits for something that is about to be so. Throws when it is not so in time. */
export async function until<T>(
  read: () => T | Promise<T>,
  waitMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const value = await read();
    if (value) return value as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`never came true: ${read}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Not of a zombie, which waits for somebody to ask how it ended. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
