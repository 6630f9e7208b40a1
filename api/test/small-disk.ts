import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Git } from '../git/git.ts';
import { programPath } from '../program-path.ts';

/** Two disks of few megabytes, seen by a process of ours alone, in which git works and which can be filled to the last page. */
export interface SmallDisks {
  one: string;
  other: string;
  /** Does a git operation there. */
  git<Name extends keyof Git>(operation: Name, ...args: Parameters<Git[Name]>): Promise<Awaited<ReturnType<Git[Name]>>>;
  /** Runs a shell script there and returns what it prints. */
  shell(script: string): Promise<string>;
  /** Fills a disk up to so many bytes. */
  fill(disk: string, freeBytes: number): Promise<void>;
  empty(disk: string): Promise<void>;
  close(): Promise<void>;
}

/** Whether this system lets an ordinary account have disks of its own. */
export function canMount(): boolean {
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'test', '/mnt']);
  return tried.status === 0;
}

const PROGRAM = `
const { execFileSync } = await import('node:child_process');
const { createInterface } = await import('node:readline');
const { GitProcesses } = await import(process.argv[1]);
const door = new GitProcesses();
for await (const line of createInterface({ input: process.stdin })) {
  const { operation, args } = JSON.parse(line);
  try {
    const result = operation === 'shell'
      ? execFileSync('/bin/sh', ['-ec', args[0]], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
      : await door[operation](...args);
    console.log(JSON.stringify({ result: result ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: { code: error.code, message: error.message, cause: String(error.cause) } }));
  }
}
await door.close();
`;

export async function openSmallDisks(bytes: number): Promise<SmallDisks> {
  const folder = await mkdtemp(join(tmpdir(), 'kosuke-test-disks-'));
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  await mkdir(one);
  await mkdir(other);
  const mount = `mount -t tmpfs -o size=${bytes} one '${one}' && mount -t tmpfs -o size=${bytes} other '${other}'`;
  const door = pathToFileURL(programPath(import.meta.url, '../git/git-processes.js')).href;
  const child: ChildProcess = spawn(
    'unshare',
    ['--user', '--map-root-user', '--mount', 'sh', '-ec', `${mount}; exec "$@"`, 'sh'].concat([
      process.execPath,
      '--input-type=module',
      '--eval',
      PROGRAM,
      door,
    ]),
    {
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  if (!child.stdin || !child.stdout) throw new Error('no pipes');
  const { stdin } = child;
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');

  const ask = async (operation: string, ...args: unknown[]) => {
    stdin.write(`${JSON.stringify({ operation, args })}\n`);
    const { value } = await answers.next();
    const { result, error } = JSON.parse(value);
    if (error) throw Object.assign(new Error(`${error.message} (${error.cause})`), { code: error.code });
    return result;
  };
  const shell = async (script: string) => (await ask('shell', script)).trim();
  const filling = (disk: string) => join(disk, 'filling');
  return {
    ...{ one, other, shell },
    git: ask,
    async fill(disk, freeBytes) {
      await shell(`rm -f '${filling(disk)}'; cat /dev/zero > '${filling(disk)}' 2>/dev/null || true`);
      await shell(`truncate -s -${freeBytes} '${filling(disk)}'`);
    },
    empty: async (disk) => void (await shell(`rm -f '${filling(disk)}'`)),
    async close() {
      stdin.end();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
