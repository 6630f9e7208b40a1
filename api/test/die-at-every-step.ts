/**
 * Makes workspaces and dies before each change to the disk in turn: every later change fails, as if the process were gone.
 * Then the store starts anew on what is left, and must have the workspace and nothing else. Runs as a program of its own,
 * because it replaces functions of Node and of the git library. Prints what it found as JSON, a line for each case.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import timers from 'node:timers/promises';
import { branches } from '../git/branches.ts';
import { fetchBase } from '../git/fetch.ts';
import type { Git } from '../git/git.ts';
import type { GitOperations, ReportProgress } from '../git/git-operations.ts';
import { initBase } from '../git/init.ts';
import { nodegit } from '../git/nodegit.ts';
import { handOver, makeSpare, updateSpare } from '../git/spare.ts';
import { temporarySibling } from '../git/temporary-folder.ts';
import { createWorkspace } from '../git/workspace.ts';
import { WorkspaceStore } from '../workspaces/workspace-store.ts';

const CHANGES = {
  sync: [
    'appendFileSync',
    'copyFileSync',
    'linkSync',
    'mkdirSync',
    'renameSync',
    'rmSync',
    'utimesSync',
    'writeFileSync',
  ],
  async: ['chmod', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink'],
  init: ['init'],
  checkout: ['head', 'tree'],
};

class Dead extends Error {}

/** The life of the process that is acted: it ends before the step of this number. */
const life = { steps: [] as string[], endsAt: Number.POSITIVE_INFINITY };

function step(name: string): void {
  if (life.steps.length >= life.endsAt) throw new Dead(name);
  life.steps.push(name);
  if (life.steps.length >= life.endsAt) throw new Dead(name);
}

type Functions = Record<string, (...args: unknown[]) => unknown>;

function watch(target: unknown, names: string[], isAsync: boolean): void {
  const functions = target as Functions;
  for (const name of names) {
    const real = functions[name];
    if (!real) throw new Error(`There is no ${name}.`);
    functions[name] = isAsync
      ? async (...args) => {
          step(name);
          return await real.apply(functions, args);
        }
      : (...args) => {
          step(name);
          return real.apply(functions, args);
        };
  }
}

watch(fs, CHANGES.sync, false);
watch(promises, CHANGES.async, true);
watch(nodegit.Repository, CHANGES.init, true);
watch(nodegit.Checkout, CHANGES.checkout, true);
// A spare waits for a second to be over.
(timers as unknown as Functions).setTimeout = async () => undefined;
syncBuiltinESMExports();

const silent: ReportProgress = () => undefined;

/** The git door without its child processes: they would die apart. */
const door = {
  branches: (path: string) => branches({ path }),
  initBase: (input: GitOperations['initBase']['input']) =>
    initBase({ ...input, temporaryPath: temporarySibling(input.path) }),
  fetchBase: (input: GitOperations['fetchBase']['input']) => fetchBase(input, silent),
  createWorkspace: (input: GitOperations['createWorkspace']['input']) =>
    createWorkspace({ ...input, temporaryPath: temporarySibling(input.path) }, silent),
  makeSpare: (input: GitOperations['makeSpare']['input']) =>
    makeSpare({ ...input, temporaryPath: temporarySibling(input.path) }, silent),
  updateSpare: (input: GitOperations['updateSpare']['input']) => updateSpare(input, silent),
  handOver: (input: GitOperations['handOver']['input']) => handOver(input, silent),
  whenQuiet: async () => undefined,
  close: async () => undefined,
} as unknown as Git;

const root = process.argv[2] ?? '';
const SESSION = { projectId: 1, sessionId: 'mine', branch: 'kosuke-chat-mine', baseBranch: 'main' };

function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8' }).trim();
}

function openStore(dataDir: string): WorkspaceStore {
  const settings = { fromFiles: 0, minFreeBytes: 0, maxBytes: Number.MAX_SAFE_INTEGER, idleMs: 60_000_000 };
  // What cannot be done in the background is left for the next start, which is looked at.
  return new WorkspaceStore({
    dataDir,
    git: door,
    pool: { git: door, settings: { ...settings, sparesPerProject: 1 } },
  });
}

async function settled(store: WorkspaceStore): Promise<void> {
  await store.whenPooled();
  await store.whenSwept();
}

/** Cases differ in what is there before the session comes. */
const CASES: Record<string, (store: WorkspaceStore, dataDir: string) => Promise<void>> = {
  'from scratch': async () => undefined,
  'with a spare': async (store) => {
    await store.ensureWorkspace({ ...SESSION, sessionId: 'other', branch: 'kosuke-chat-other' });
    await settled(store);
    await store.removeWorkspace({ projectId: 1, sessionId: 'other' });
    await settled(store);
  },
  'with a spare that is older than the base': async (store, dataDir) => {
    await CASES['with a spare']?.(store, dataDir);
    const source = join(dataDir, 'source');
    git(dataDir, 'clone', '--quiet', store.basePath(1), source);
    fs.writeFileSync(join(source, 'README.md'), 'changed\n');
    git(source, '-c', 'user.name=Mika', '-c', 'user.email=mika@example.com', 'commit', '--quiet', '-am', 'moved');
    await store.refreshBase({ projectId: 1, kind: 'path', source });
    fs.rmSync(source, { recursive: true });
  },
};

/** What a life does: it starts, has a session's workspace made, and makes a spare for the next. */
async function live(store: WorkspaceStore): Promise<void> {
  await store.start();
  await store.ensureWorkspace(SESSION);
  await settled(store);
}

const namesIn = (folder: string) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);

/** What is not as it must be when the program has started again and the session was asked for. */
function faults(dataDir: string, hadSpare: boolean): string[] {
  const found: string[] = [];
  const expectSame = (what: string, is: unknown, should: unknown) => {
    if (JSON.stringify(is) !== JSON.stringify(should)) found.push(`${what}: ${JSON.stringify(is)}`);
  };
  const project = join(dataDir, 'projects/1');
  const workspace = join(project, 'sessions/mine');
  expectSame(
    'project',
    namesIn(project).filter((name) => name !== 'pool'),
    ['homes', 'main', 'sessions'],
  );
  for (const folder of ['sessions', 'homes']) expectSame(folder, namesIn(join(project, folder)), ['mine']);
  for (const folder of ['trash', 'quarantine']) expectSame(folder, namesIn(join(dataDir, folder)), []);
  const [spare = '', ...more] = namesIn(join(project, 'pool'));
  expectSame('spares', more, []);
  if (hadSpare && !spare) found.push('no spare');
  const tip = git(join(project, 'main'), 'rev-parse', 'main');
  // A project whose first session was cut off has had no spare yet.
  for (const path of spare ? [workspace, join(project, 'pool', spare)] : [workspace]) {
    expectSame('commit', git(path, 'rev-parse', 'HEAD'), tip);
    expectSame('status', git(path, 'status', '--porcelain'), '');
    expectSame('damage', git(path, 'fsck', '--strict', '--no-dangling'), '');
  }
  expectSame('branch', git(workspace, 'symbolic-ref', 'HEAD'), 'refs/heads/kosuke-chat-mine');
  const locks = fs.readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));
  expectSame('locks', locks, []);
  return found;
}

for (const [name, arrange] of Object.entries(CASES)) {
  const before = join(root, 'before');
  const store = openStore(before);
  await store.start();
  await store.prepareBase({ projectId: 1, kind: 'template', source: 'STATIC_WEB_PAGE', name: 'Shop' });
  await arrange(store, before);
  await store.close();
  const hadSpare = fs.existsSync(join(before, 'projects/1/pool'));

  const problems: string[] = [];
  let steps: string[] = [];
  for (let endsAt = 1; ; endsAt += 1) {
    const dataDir = join(root, `after-${endsAt}`);
    execFileSync('cp', ['-a', before, dataDir]);
    const dying = openStore(dataDir);
    Object.assign(life, { steps: [], endsAt });
    await live(dying).catch(() => undefined);
    await dying.close();
    steps = life.steps;
    Object.assign(life, { steps: [], endsAt: Number.POSITIVE_INFINITY });
    const hasDied = steps.length >= endsAt;

    const next = openStore(dataDir);
    await live(next);
    await next.close();
    problems.push(
      ...faults(dataDir, hadSpare).map((fault) => `died before step ${endsAt} (${steps.at(-1)}): ${fault}`),
    );
    fs.rmSync(dataDir, { recursive: true });
    if (!hasDied) break;
  }
  fs.rmSync(before, { recursive: true });
  console.log(JSON.stringify({ name, steps, problems }));
}
