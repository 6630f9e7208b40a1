import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Git } from '../git/git.ts';
import { git } from './git-fixture.ts';

const run = promisify(execFile);

export const SECRET = 'the secret of somebody else';

/** A workspace, what an attacker would like to get at beside it, and a program that tells when somebody starts it. */
export interface HostileWorkspace {
  folder: string;
  source: string;
  base: string;
  workspace: string;
  /** A repository of somebody else: on its branch `theirs` and in its folder lies secret.txt. */
  outside: string;
  /** Writes a file of the workspace. */
  put(path: string, content: string): Promise<void>;
  /** The path of a program that leaves a mark. */
  trap: string;
  wasSprung(): Promise<boolean>;
  /** Every operation on the workspace, each with its result or its failure. */
  tryAll(): Promise<{ operation: string; code: string }[]>;
  commit(): ReturnType<Git['commitAll']>;
  /** From now on: the returned check throws when something outside was changed, or has come into one of our repositories. */
  watch(): Promise<() => Promise<void>>;
  /** Another one just like it, made in a fraction of the time. */
  copy(): Promise<HostileWorkspace>;
  remove(): Promise<void>;
}

const BRANCH = 'kosuke-chat-one';
const DEADLINE_MS = 20_000;

export async function hostileWorkspace(
  door: Git,
  files: Record<string, string> = { 'a.txt': 'a\n' },
): Promise<HostileWorkspace> {
  const folder = await newFolder();
  const { source, base, workspace, outside } = places(folder);
  for (const path of [source, outside]) {
    await mkdir(path);
    await git(path, 'init', '--quiet', `--initial-branch=${path === source ? 'main' : 'theirs'}`);
  }
  for (const [name, content] of Object.entries(files)) await put(join(source, name), content);
  await put(join(outside, 'secret.txt'), `${SECRET}\n`);
  for (const path of [source, outside]) {
    await git(path, 'add', '--all');
    await git(path, 'commit', '--quiet', '--message=First');
  }
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await door.createWorkspace({ basePath: base, path: workspace, branch: BRANCH, baseBranch: 'main' });
  return await inFolder(door, folder);
}

const newFolder = async () => await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-hostile-')));

const places = (folder: string) => ({
  source: join(folder, 'source'),
  base: join(folder, 'data', 'main'),
  workspace: join(folder, 'data', 'one'),
  outside: join(folder, 'outside'),
});

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

async function inFolder(door: Git, folder: string): Promise<HostileWorkspace> {
  const { source, base, workspace, outside } = places(folder);
  const mark = join(folder, 'mark');
  const trap = join(folder, 'trap.sh');
  await writeFile(trap, `#!/bin/sh\necho sprung >> '${mark}'\n`, { mode: 0o755 });
  const commit = () =>
    door.commitAll(
      {
        path: workspace,
        basePath: base,
        branch: BRANCH,
        title: 'Turn',
        author: { name: 'Mika', email: 'mika@example.com' },
        trailers: {},
      },
      { deadlineMs: DEADLINE_MS },
    );

  return {
    ...{ folder, source, base, workspace, outside, trap, commit },
    put: (path, content) => put(join(workspace, path), content),
    async wasSprung() {
      return (await lstat(mark).catch(() => null)) !== null;
    },
    async tryAll() {
      const operations: Record<string, () => Promise<unknown>> = {
        status: () => door.status(workspace, { deadlineMs: DEADLINE_MS }),
        branchState: () =>
          door.branchState(
            { path: workspace, basePath: base, branch: BRANCH, maxFiles: 10 },
            { deadlineMs: DEADLINE_MS },
          ),
        commitAll: commit,
        branches: () => door.branches(base),
      };
      const outcomes: { operation: string; code: string }[] = [];
      for (const [operation, run] of Object.entries(operations)) {
        const code = await run().then(
          () => 'done',
          (error: { code?: string }) => error.code ?? String(error),
        );
        outcomes.push({ operation, code });
      }
      return outcomes;
    },
    async watch() {
      const before = await snapshot(outside);
      return async () => {
        expect(await snapshot(outside)).toEqual(before);
        const stored = await git(base, 'cat-file', '--batch-all-objects', '--batch');
        expect(stored).not.toContain(SECRET);
      };
    },
    async copy() {
      const other = await newFolder();
      await run('cp', ['-a', `${folder}/.`, other]);
      return await inFolder(door, other);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Every file below with its bytes and the time it was last written. */
async function snapshot(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const stats = await lstat(path, { bigint: true });
    const content = entry.isFile() ? (await readFile(path)).toString('base64') : '';
    const target = entry.isSymbolicLink() ? await readlink(path) : '';
    found[path] = `${stats.mode} ${entry.isDirectory() ? '' : stats.mtimeNs} ${target} ${content}`;
  }
  return found;
}
