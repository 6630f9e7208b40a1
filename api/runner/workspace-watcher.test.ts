import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { WatchBudget } from './watch-budget.ts';
import { WorkspaceWatcher } from './workspace-watcher.ts';

let folder: string;
let path: string;
let watcher: WorkspaceWatcher;
let changes: number;
let refusal: Error | undefined;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-watch-')));
  path = join(folder, 'workspace');
  await mkdir(join(path, 'src', 'deep'), { recursive: true });
  await mkdir(join(path, 'node_modules', 'some'), { recursive: true });
  await writeFile(join(path, 'src', 'deep', 'file.txt'), 'x');
  await git(path, 'init', '--quiet', '--initial-branch=main');
  await git(path, 'add', 'src');
  await git(path, 'commit', '--quiet', '--message=one');
  changes = 0;
  refusal = undefined;
});
afterEach(async () => {
  watcher.close();
  await rm(folder, { recursive: true, force: true });
});

async function begin(budget = new WatchBudget(1_000)) {
  watcher = new WorkspaceWatcher({
    ...{ path, budget },
    onChange: () => {
      changes += 1;
    },
    onGiveUp: (reason) => {
      refusal = reason;
    },
  });
  await watcher.start();
}

/** How many watches are left of a budget. */
function left(budget: WatchBudget): number {
  let count = 0;
  while (budget.take()) count += 1;
  for (let given = 0; given < count; given += 1) budget.give();
  return count;
}

/** Does something, and resolves when a change was told after it. */
async function told(act: () => Promise<unknown>) {
  const before = changes;
  await act();
  await until(() => changes > before);
}

describe('a watched workspace', () => {
  it('tells of files anywhere in it, of HEAD and of branches', async () => {
    await begin();
    await told(() => writeFile(join(path, 'new.txt'), ''));
    await told(() => writeFile(join(path, 'src', 'deep', 'file.txt'), 'y'));
    await told(() => rm(join(path, 'src', 'deep', 'file.txt')));
    await told(() => git(path, 'symbolic-ref', 'HEAD', 'refs/heads/other'));
    await told(() => git(path, 'branch', 'third', 'main'));
    expect(refusal).toBeUndefined();
  });

  it('follows folders that come, go, and come back', async () => {
    await begin();
    await told(() => mkdir(join(path, 'new', 'very', 'deep'), { recursive: true }));
    // A folder counts as watched once what happens in it is told of.
    const isWatched = (name: string) =>
      until(async () => {
        const before = changes;
        await writeFile(join(path, name, `${Math.random()}`), '');
        await new Promise((resolve) => setTimeout(resolve, 5));
        return changes > before;
      });
    await isWatched('new/very/deep');
    await told(() => rename(join(path, 'new'), join(folder, 'away')));
    await mkdir(join(path, 'new', 'very'), { recursive: true });
    await isWatched('new/very');
    await told(() => rm(join(path, 'src'), { recursive: true }));
    await mkdir(join(path, 'src', 'deep'), { recursive: true });
    await isWatched('src/deep');
    const before = changes;
    await writeFile(join(folder, 'away', 'very', 'deep', 'x'), '');
    await told(() => writeFile(join(path, 'last.txt'), ''));
    expect(changes - before).toBeLessThanOrEqual(3);
  });

  it('is silent about what nobody commits, and about what git does for itself', async () => {
    await begin();
    await writeFile(join(path, 'node_modules', 'some', 'file.js'), '');
    await mkdir(join(path, 'node_modules', 'other'));
    await git(path, 'add', '--all', 'src');
    await git(path, 'repack', '-adq');
    await writeFile(join(path, '.git', 'anything'), '');
    // The kernel tells in order, and of a new link once: all else would have been told before it.
    await symlink('nowhere', join(path, 'sign'));
    await until(() => changes > 0);
    expect(changes).toBe(1);
  });

  it('never looks behind a link', async () => {
    await mkdir(join(folder, 'outside', 'inner'), { recursive: true });
    await symlink(join(folder, 'outside'), join(path, 'link'));
    const budget = new WatchBudget(1_000);
    await begin(budget);
    // The workspace, src and src/deep.
    expect(left(budget)).toBe(997);
    await told(() => symlink(join(folder, 'outside'), join(path, 'src', 'link')));
    await told(() => mkdir(join(path, 'sign')));
    await until(() => left(budget) === 996);
    expect(existsSync(join(path, 'src', 'link', 'inner'))).toBe(true);
  });

  it('is given up whole when the watches are used up, at once or later', async () => {
    const small = new WatchBudget(2);
    await begin(small);
    expect(refusal?.message).toMatch(/used up/);
    expect(left(small)).toBe(2);

    refusal = undefined;
    const enough = new WatchBudget(3);
    await begin(enough);
    expect(refusal).toBeUndefined();
    await mkdir(join(path, 'one-too-many'));
    await until(() => refusal);
    expect(left(enough)).toBe(3);
  });

  it('gives its watches back, and knows when another folder has taken its place', async () => {
    const budget = new WatchBudget(10);
    await begin(budget);
    expect(watcher.isStale()).toBe(false);
    await rename(path, join(folder, 'before'));
    await mkdir(path);
    expect(watcher.isStale()).toBe(true);
    watcher.close();
    expect(left(budget)).toBe(10);
  });
});
