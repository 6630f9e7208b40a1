import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { GitProcesses } from './git-processes.ts';

let door: GitProcesses;
let folder: string;
let silent: Server;

beforeEach(async () => {
  door = new GitProcesses();
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-processes-'));
  silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterEach(async () => {
  await door.close();
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** An operation that is under way for as long as nobody ends it: its server takes the question and never answers. */
async function startHanging(options: { signal?: AbortSignal; deadlineMs?: number } = {}) {
  const asked = once(silent, 'request');
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/a.git`;
  const operation = door.cloneBase({ source: { kind: 'url', url }, path: join(folder, 'base') }, options);
  const failure = operation.then(
    () => null,
    (error: unknown) => error,
  );
  await asked;
  return { failure };
}

const begin = (name = 'fresh') =>
  door.initBase({
    path: join(folder, name),
    defaultBranch: 'main',
    files: [{ path: 'a', content: 'a' }],
    author: { name: 'Mika', email: 'mika@example.com' },
    message: 'First',
  });

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('a killed child fails its own operation only, and the next has another', async () => {
  const { failure } = await startHanging();
  const [pid] = door.processIds;
  if (pid === undefined) throw new Error('no process');
  const other = begin('other');
  process.kill(pid, 'SIGSEGV');
  expect(await failure).toMatchObject({ code: 'crashed' });
  expect(await other).toMatchObject({ defaultBranch: 'main' });
  expect(await begin()).toMatchObject({ defaultBranch: 'main' });
  expect((await readdir(folder)).sort()).toEqual(['fresh', 'other']);
});

it('a stopped operation ends its child at once', async () => {
  const controller = new AbortController();
  const { failure } = await startHanging({ signal: controller.signal });
  const [pid] = door.processIds;
  controller.abort();
  expect(await failure).toMatchObject({ code: 'aborted' });
  expect(isRunning(pid ?? process.pid)).toBe(false);
  expect(await begin()).toMatchObject({ defaultBranch: 'main' });
  expect(await readdir(folder)).toEqual(['fresh']);
});

it('an operation that takes longer than its deadline is ended', async () => {
  const { failure } = await startHanging({ deadlineMs: 1500 });
  expect(await failure).toMatchObject({ code: 'timeout' });
  expect(await begin()).toMatchObject({ defaultBranch: 'main' });
});

it('what is stopped before it starts never starts', async () => {
  const signal = AbortSignal.abort();
  await expect(door.branches(folder, { signal })).rejects.toMatchObject({ code: 'aborted' });
  expect(door.processIds).toEqual([]);
});

it('clones never take the last place: sessions go on meanwhile', async () => {
  await startHanging();
  const waiting = door.cloneBase({
    source: { kind: 'path', path: folder },
    path: join(folder, 'second'),
  });
  const ended = waiting.then(
    () => null,
    (error: unknown) => error,
  );
  expect(await begin()).toMatchObject({ defaultBranch: 'main' });
  await door.close();
  expect(await ended).toMatchObject({ code: 'aborted' });
});

it('closing ends every child and what they were doing', async () => {
  const { failure } = await startHanging();
  await begin();
  const pids = door.processIds;
  expect(pids).toHaveLength(2);
  await door.close();
  expect(await failure).toMatchObject({ code: 'aborted' });
  expect(pids.filter(isRunning)).toEqual([]);
  await expect(begin('late')).rejects.toMatchObject({ code: 'aborted' });
});

it('a child without work ends after a while', async () => {
  await door.close();
  door = new GitProcesses({ idleMs: 20 });
  await begin();
  const [pid] = door.processIds;
  if (pid === undefined) throw new Error('no process');
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(door.processIds).toEqual([]);
  expect(await begin('again')).toMatchObject({ defaultBranch: 'main' });
});

it('reads no settings of the person who started the program', async () => {
  const home = process.env.HOME;
  const own = join(folder, 'home');
  await mkdir(own);
  await writeFile(join(own, '.gitconfig'), '[core]\n\texcludesFile = ~/ignored\n');
  await writeFile(join(own, 'ignored'), '*\n');
  process.env.HOME = own;
  try {
    await begin();
    await door.createWorkspace({
      basePath: join(folder, 'fresh'),
      path: join(folder, 'one'),
      branch: 'kosuke-chat-one',
      baseBranch: 'main',
    });
    await writeFile(join(folder, 'one', 'b'), 'b');
    expect((await door.status(join(folder, 'one'))).changedPaths).toEqual(['b']);
    expect(await git(join(folder, 'one'), 'status', '--porcelain')).toBe('?? b');
  } finally {
    process.env.HOME = home;
  }
});

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('those that work in the background give way to all others, with every thread', async () => {
  await door.close();
  door = new GitProcesses({ processes: 1, niceness: 15 });
  await begin();
  const [pid = 0] = door.processIds;
  const threads = await readdir(`/proc/${pid}/task`);
  expect(threads.length).toBeGreaterThan(1);
  expect(threads.map((thread) => getPriority(Number(thread)))).toEqual(threads.map(() => 15));
});

it('tells when nothing waits for its turn', async () => {
  await door.close();
  door = new GitProcesses({ processes: 1 });
  await door.whenQuiet();
  const ended: string[] = [];
  const all = ['one', 'two', 'three'].map((name) => begin(name).then(() => ended.push(name)));
  await door.whenQuiet();
  // The last one has its turn, and may not have ended yet.
  expect(ended.length).toBeGreaterThanOrEqual(2);
  await Promise.all(all);
});
