import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
let folder: string;
let base: string;
let workspace: string;
let marker: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-hooks-'));
  const source = join(folder, 'source');
  base = join(folder, 'base');
  workspace = join(folder, 'one');
  marker = join(folder, 'ran');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
  await writeFile(join(source, 'a.txt'), 'a\n');
  await git(source, 'add', '--all');
  await git(source, 'commit', '--quiet', '--message=First');
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await door.createWorkspace({ basePath: base, path: workspace, branch: 'kosuke-chat-one', baseBranch: 'main' });
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

/** A program that leaves its mark when somebody starts it. */
async function trap(): Promise<string> {
  const path = join(folder, 'trap.sh');
  await writeFile(path, `#!/bin/sh\necho ran >> '${marker}'\n`, { mode: 0o755 });
  return path;
}

const HOOKS = [
  'pre-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
  'reference-transaction',
  'post-index-change',
];

const traps: Record<string, () => Promise<void>> = {
  'hooks in .git': async () => {
    const program = await trap();
    await mkdir(join(workspace, '.git', 'hooks'), { recursive: true });
    for (const name of HOOKS) {
      await writeFile(join(workspace, '.git', 'hooks', name), `#!/bin/sh\n'${program}'\n`, { mode: 0o755 });
    }
  },
  'a folder of hooks named in the settings': async () => {
    const program = await trap();
    await mkdir(join(workspace, '.githooks'));
    for (const name of HOOKS) {
      await writeFile(join(workspace, '.githooks', name), `#!/bin/sh\n'${program}'\n`, { mode: 0o755 });
    }
    await git(workspace, 'config', 'core.hooksPath', join(workspace, '.githooks'));
  },
  'a file system monitor': async () => {
    await git(workspace, 'config', 'core.fsmonitor', await trap());
  },
  'a signing program': async () => {
    await git(workspace, 'config', 'gpg.program', await trap());
    await git(workspace, 'config', 'commit.gpgSign', 'true');
  },
};

const change = () => appendFile(join(workspace, 'a.txt'), 'b\n');
const commit = () =>
  door.commitAll({
    path: workspace,
    basePath: base,
    branch: 'kosuke-chat-one',
    title: 'Turn',
    author: { name: 'Mika', email: 'mika@example.com' },
    trailers: {},
  });

describe.each(Object.keys(traps))('%s', (name) => {
  it('runs nothing when Kosuke looks and commits, though the git command line would start it', async () => {
    await traps[name]?.();
    await rm(marker, { force: true });
    await change();
    expect((await door.status(workspace)).changedPaths).toContain('a.txt');
    expect(await commit()).toMatchObject({ title: 'Turn' });
    await door.branches(base);
    expect(existsSync(marker)).toBe(false);

    await change();
    await git(workspace, 'add', '--all').catch(() => undefined);
    await git(workspace, 'commit', '--quiet', '--message=control').catch(() => undefined);
    expect(existsSync(marker)).toBe(true);
  });
});

it('a filter of the repository is refused, and not started', async () => {
  await git(workspace, 'config', 'filter.x.clean', await trap());
  await writeFile(join(workspace, '.gitattributes'), '*.txt filter=x\n');
  await change();
  await door.status(workspace);
  await expect(commit()).rejects.toMatchObject({ code: 'filter-unsupported' });
  expect(existsSync(marker)).toBe(false);
  await git(workspace, 'add', '--all');
  expect(existsSync(marker)).toBe(true);
});
