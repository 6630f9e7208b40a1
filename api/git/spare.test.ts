import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { git } from '../test/git-fixture.ts';
import { GitProcesses } from './git-processes.ts';

// A spare waits until a second is over.
jest.setTimeout(60_000);

const door = new GitProcesses();
let folder: string;
let source: string;
let base: string;
let spare: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-spare-'));
  [source, base, spare] = ['source', 'base', 'spare'].map((name) => join(folder, name)) as [string, string, string];
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

async function put(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(source, name, '..'), { recursive: true });
    await writeFile(join(source, name), content);
  }
}

async function commit(): Promise<string> {
  await git(source, 'add', '--all');
  await git(source, 'commit', '--quiet', '--allow-empty', '--message=x');
  return await git(source, 'rev-parse', 'HEAD');
}

const HIDDEN = 'kosuke-chat-';
const cloneBase = () => door.cloneBase({ source: { kind: 'path', path: source }, path: base });
const fetchBase = () => door.fetchBase({ source: { kind: 'path', path: source }, path: base, keptPrefix: HIDDEN });
const makeSpare = () => door.makeSpare({ basePath: base, path: spare, baseBranch: 'main', hiddenBranchPrefix: HIDDEN });
const wanted = (name: string, baseBranch = 'main') => {
  const branch = `${HIDDEN}session`;
  return { basePath: base, path: join(folder, name), branch, baseBranch, hiddenBranchPrefix: HIDDEN };
};
const handOver = (baseBranch?: string) => door.handOver({ ...wanted('handed', baseBranch), sparePath: spare });

/** All that a session could tell its workspace from another by. */
async function portrait(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const name = full.slice(path.length + 1);
    // The objects and the index are compared by what git reads in them.
    if (/^\.git\/(index$|objects\/)/.test(name)) continue;
    if (entry.isSymbolicLink()) files[name] = `-> ${await readlink(full)}`;
    else if (entry.isDirectory()) files[name] = 'folder';
    else files[name] = `${((await lstat(full)).mode & 0o777).toString(8)} ${await readFile(full, 'utf8')}`;
  }
  return {
    ...files,
    index: await git(path, 'ls-files', '--stage'),
    refs: await git(path, 'for-each-ref'),
    status: await git(path, 'status', '--porcelain=v2', '--branch'),
    // Without a refresh: files whose look on the disk is not what the index remembers would be read at every status.
    unsure: await git(path, 'diff-files', '--name-only'),
    damage: await git(path, 'fsck', '--strict', '--no-dangling'),
  };
}

/** Hands the spare over and makes another workspace from scratch, which must be the same. */
async function expectTheSame(baseBranch?: string): Promise<void> {
  expect(await handOver(baseBranch)).toEqual(await door.createWorkspace(wanted('scratch', baseBranch)));
  const handed = await portrait(join(folder, 'handed'));
  expect(handed).toEqual(await portrait(join(folder, 'scratch')));
  expect(handed).toMatchObject({ unsure: '', damage: '', status: expect.not.stringMatching(/^[12u?]/m) });
}

const CHANGES: [string, () => Promise<unknown>][] = [
  ['nothing', async () => undefined],
  [
    'files changed, added and removed',
    async () => {
      await put({ 'src/deep/a.ts': 'changed\n', 'src/new/b.ts': 'new\n' });
      await git(source, 'rm', '--quiet', 'gone/only.txt');
    },
  ],
  [
    'a folder became a file, and a file a folder',
    async () => {
      await git(source, 'rm', '--quiet', '-r', 'src', 'plain');
      await put({ src: 'now a file', 'plain/inside/c': 'now a folder' });
    },
  ],
  [
    'links and executables came and went',
    async () => {
      await git(source, 'rm', '--quiet', '-r', 'src');
      await symlink('gone', join(source, 'src'));
      await rm(join(source, 'link'));
      await put({ link: 'no link any more' });
      await chmod(join(source, 'plain'), 0o755);
      await chmod(join(source, 'run.sh'), 0o644);
    },
  ],
  [
    'a name of any kind',
    async () => put({ 'a*b?[c]': 'x', 'new\nline': 'y', 'ünï cöde/!not': 'z', '*.gitattributes.md': 'q' }),
  ],
  [
    'a submodule came',
    async () => git(source, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/lib`),
  ],
  ['a commit without a change', async () => git(source, 'commit', '--quiet', '--allow-empty', '--message=none')],
  [
    'branches and tags came and went',
    async () => {
      await git(source, 'branch', 'another');
      await git(source, 'branch', '-D', 'feature', '--quiet');
      await git(source, 'tag', 'v2');
    },
  ],
];

describe('a spare that is handed over is the workspace that would have been made', () => {
  beforeEach(async () => {
    await put({ 'src/deep/a.ts': 'a\n', 'gone/only.txt': 'b\n', plain: 'c\n', 'run.sh': '#!/bin/sh\n' });
    await chmod(join(source, 'run.sh'), 0o755);
    await symlink('plain', join(source, 'link'));
    await commit();
    await git(source, 'branch', 'feature');
    await cloneBase();
    expect(await makeSpare()).toEqual({ format: 1, headSha: expect.any(String), bytes: expect.any(Number) });
  });

  it.each(CHANGES)('after this in the base: %s', async (_change, change) => {
    await change();
    if ((await git(source, 'status', '--porcelain')) !== '') {
      await git(source, 'add', '--all', '--', ':!vendor');
      await git(source, 'commit', '--quiet', '--message=moved');
    }
    await fetchBase();
    await expectTheSame();
    expect(await readdir(folder)).not.toContain('spare');
  });

  it('cut from another branch', async () => {
    await git(source, 'checkout', '--quiet', 'feature');
    await put({ 'src/deep/a.ts': 'feature\n' });
    await commit();
    await fetchBase();
    await expectTheSame('feature');
  });

  it('cut from the branch of a session whose workspace was lost', async () => {
    await git(source, 'checkout', '--quiet', '-b', 'mine');
    await put({ 'src/deep/a.ts': 'mine\n' });
    const sha = await commit();
    await git(base, 'fetch', '--quiet', source, `mine:${HIDDEN}session`);
    await expectTheSame(`${HIDDEN}session`);
    expect(await git(join(folder, 'handed'), 'rev-parse', 'HEAD')).toBe(sha);
    expect(await git(join(folder, 'handed'), 'for-each-ref', '--format=%(refname)', 'refs/remotes')).not.toContain(
      HIDDEN,
    );
  });

  it('after the source cut off its history', async () => {
    await put({ plain: 'more\n' });
    await commit();
    const shallow = join(folder, 'shallow');
    await git(folder, 'clone', '--quiet', '--depth=1', `file://${source}`, shallow);
    await rm(base, { recursive: true });
    await door.cloneBase({ source: { kind: 'path', path: shallow }, path: base });
    await expectTheSame();
    expect(await readFile(join(folder, 'handed', '.git', 'shallow'), 'utf8')).toContain(
      await git(shallow, 'rev-parse', 'HEAD'),
    );
  });

  it('while line ends are converted', async () => {
    await rm(spare, { recursive: true });
    await put({ '.gitattributes': '*.txt text eol=crlf\n' });
    await commit();
    await fetchBase();
    await makeSpare();
    await put({ 'gone/only.txt': 'one\ntwo\n' });
    await commit();
    await fetchBase();
    await expectTheSame();
    expect(await readFile(join(folder, 'handed/gone/only.txt'), 'utf8')).toBe('one\r\ntwo\r\n');
  });
});

describe('a spare', () => {
  it('cannot become a workspace whose attributes are others', async () => {
    await put({ 'a.txt': 'one\ntwo\n' });
    await commit();
    await cloneBase();
    await makeSpare();
    await put({ 'deep/.GitAttributes': '*.txt eol=crlf\n' });
    await commit();
    await fetchBase();
    expect(await handOver()).toBeNull();
    expect(await readdir(folder)).not.toContain('handed');
  });

  it('is not made of a repository without commits', async () => {
    await cloneBase();
    expect(await makeSpare()).toBeNull();
    expect(await readdir(folder)).toEqual(['base', 'source']);
  });

  it('is not handed over to a place that is taken, under a bad name, or from a branch that is gone', async () => {
    await commit();
    await cloneBase();
    await makeSpare();
    const before = await portrait(spare);
    await mkdir(join(folder, 'taken'));
    const from = { ...wanted('handed'), sparePath: spare };
    await expect(door.handOver({ ...from, path: join(folder, 'taken') })).rejects.toMatchObject({ code: 'exists' });
    await expect(door.handOver({ ...from, branch: 'a..b' })).rejects.toMatchObject({ code: 'invalid-name' });
    await expect(door.handOver({ ...from, baseBranch: 'gone' })).rejects.toMatchObject({ code: 'not-found' });
    expect(await portrait(spare)).toEqual(before);
    expect(await handOver()).not.toBeNull();
  });

  it('has an index that git trusts, whatever moment it was written in', async () => {
    await put({ a: 'a', b: 'b' });
    await commit();
    await cloneBase();
    await makeSpare();
    const [index, file] = await Promise.all([lstat(join(spare, '.git/index')), lstat(join(spare, 'a'))]);
    expect(Math.floor(index.mtimeMs / 1000)).toBeGreaterThan(Math.floor(file.mtimeMs / 1000));
  });
});
