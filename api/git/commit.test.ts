import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import type { Commit } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
const author = { name: 'Mika', email: 'mika@example.com' };
let folder: string;
let source: string;
let base: string;
let workspace: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-commit-'));
  source = join(folder, 'source');
  base = join(folder, 'base');
  workspace = join(folder, 'one');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

const write = (name: string, content: string | Buffer) => writeFile(join(workspace, name), content);

/** A workspace of a repository that holds these files. */
async function begin(files: Record<string, string | Buffer> = { 'a.txt': 'one\ntwo\nthree\n' }): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(source, name, '..'), { recursive: true });
    await writeFile(join(source, name), content);
  }
  await git(source, 'add', '--all');
  if (Object.keys(files).length > 0) await git(source, 'commit', '--quiet', '--message=First');
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await open('one');
}

function open(name: string) {
  return door.createWorkspace({
    basePath: base,
    path: join(folder, name),
    branch: `kosuke-chat-${name}`,
    baseBranch: 'main',
  });
}

function commit(name = 'one', more: { title?: string; body?: string; trailers?: Record<string, string> } = {}) {
  return door.commitAll({
    path: join(folder, name),
    basePath: base,
    branch: `kosuke-chat-${name}`,
    title: 'Turn',
    author,
    trailers: {},
    ...more,
  });
}

async function committed(name = 'one'): Promise<Commit> {
  const made = await commit(name);
  if (!made) throw new Error('nothing was committed');
  return made;
}

/** The files of HEAD with their modes: "100644 a.txt". */
async function listed(): Promise<string[]> {
  const lines = (await git(workspace, 'ls-tree', '-r', '-z', 'HEAD')).split('\0').filter(Boolean);
  return lines.map((line) => line.replace(/ blob [0-9a-f]+\t/, ' '));
}

/** Git's own word for it: the tree is clean and both repositories are whole. */
async function expectSound(): Promise<void> {
  expect(await git(workspace, 'status', '--porcelain')).toBe('');
  expect(await git(workspace, 'fsck', '--strict')).not.toMatch(/error|missing|broken/);
  expect(await git(base, 'fsck', '--strict')).not.toMatch(/error|missing|broken/);
}

describe('what a commit holds', () => {
  it('is everything that changed, with its lines, the same in the base', async () => {
    await begin({
      'a.txt': 'one\ntwo\nthree\n',
      'gone.txt': 'x\ny\n',
      'moved.txt': 'l1\nl2\nl3\nl4\nl5\nl6\n',
      'picture.bin': Buffer.from([0, 1, 2, 3]),
    });
    await write('a.txt', 'one\n2\nthree\nfour\n');
    await rm(join(workspace, 'gone.txt'));
    await rename(join(workspace, 'moved.txt'), join(workspace, 'there.txt'));
    await write('picture.bin', Buffer.from([0, 9, 9]));
    await mkdir(join(workspace, 'new'));
    await write('new/file.txt', 'hello\n');
    await write('empty', '');

    const made = await committed();
    const common = { oldPath: null, isBinary: false };
    expect(made).toMatchObject({ title: 'Turn', skippedPaths: [], additions: 3, deletions: 3 });
    expect(made.files).toEqual([
      { ...common, path: 'a.txt', kind: 'modified', additions: 2, deletions: 1 },
      { ...common, path: 'empty', kind: 'added', additions: 0, deletions: 0 },
      { ...common, path: 'gone.txt', kind: 'deleted', additions: 0, deletions: 2 },
      { ...common, path: 'new/file.txt', kind: 'added', additions: 1, deletions: 0 },
      { ...common, path: 'picture.bin', kind: 'modified', additions: 0, deletions: 0, isBinary: true },
      { ...common, path: 'there.txt', oldPath: 'moved.txt', kind: 'renamed', additions: 0, deletions: 0 },
    ]);
    expect(await git(workspace, 'rev-parse', 'HEAD')).toBe(made.sha);
    expect(await git(base, 'rev-parse', 'kosuke-chat-one')).toBe(made.sha);
    expect(await git(base, 'show', 'kosuke-chat-one:new/file.txt')).toBe('hello');
    await expectSound();
  });

  it('is by the user, with the agent named in a trailer that a text cannot forge', async () => {
    await begin();
    await write('b', 'b');
    await commit('one', {
      title: 'Add b\nAgent: someone else',
      body: 'Why:\n\nbecause.',
      trailers: { Agent: 'Built-in (no model)', Session: 'x\nAgent: forged' },
    });
    expect(await git(workspace, 'log', '-1', '--format=%an <%ae>%n%cn <%ce>')).toBe(
      'Mika <mika@example.com>\nKosuke <kosuke@localhost>',
    );
    expect(await git(workspace, 'log', '-1', '--format=%B')).toBe(
      'Add b Agent: someone else\n\nWhy:\n\nbecause.\n\nAgent: Built-in (no model)\nSession: x Agent: forged',
    );
    expect(await git(workspace, 'log', '-1', '--format=%(trailers:key=Agent)')).toBe('Agent: Built-in (no model)');
  });

  it('no longer has what git was told to forget and to ignore', async () => {
    await begin({ 'a.txt': 'x', '.env': 'secret' });
    await git(workspace, 'rm', '--quiet', '--cached', '.env');
    await write('.gitignore', '.env\n');
    await committed();
    expect(await listed()).toEqual(['100644 .gitignore', '100644 a.txt']);
    expect(await readFile(join(workspace, '.env'), 'utf8')).toBe('secret');
  });

  it('is null when nothing changed', async () => {
    await begin();
    expect(await commit()).toBeNull();
    await write('a.txt', 'x');
    await write('a.txt', 'one\ntwo\nthree\n');
    expect(await commit()).toBeNull();
    expect(await git(base, 'rev-parse', 'kosuke-chat-one')).toBe(await git(base, 'rev-parse', 'main'));
  });

  it('can be the first of a repository', async () => {
    await begin({});
    expect(await commit()).toBeNull();
    await write('a', 'a\n');
    const made = await committed();
    expect(made.files).toEqual([
      { path: 'a', oldPath: null, kind: 'added', additions: 1, deletions: 0, isBinary: false },
    ]);
    expect(await git(base, 'rev-list', 'kosuke-chat-one')).toBe(made.sha);
    await expectSound();
  });

  it('keeps to .gitignore, executable bits, links and odd names', async () => {
    await begin({ '.gitignore': 'build/\n*.log\n', 'a.sh': '#!/bin/sh\n', 'was-file': 'x', 'was-dir/x': 'x' });
    await mkdir(join(workspace, 'build'));
    await write('build/out', 'x');
    await write('x.log', 'x');
    await chmod(join(workspace, 'a.sh'), 0o755);
    await symlink('/etc/hostname', join(workspace, 'out of it'));
    await write('new\nline "ü" \\ 日本', 'odd\n');
    await write('--option', 'option\n');
    await rm(join(workspace, 'was-file'));
    await mkdir(join(workspace, 'was-file'));
    await write('was-file/inside', 'x');
    await rm(join(workspace, 'was-dir'), { recursive: true });
    await write('was-dir', 'x');
    const made = await committed();
    expect(made.files.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
      expect.arrayContaining(['modified a.sh', 'added out of it', 'added new\nline "ü" \\ 日本', 'added --option']),
    );
    expect(await listed()).toEqual([
      '100644 --option',
      '100644 .gitignore',
      '100755 a.sh',
      '100644 new\nline "ü" \\ 日本',
      '120000 out of it',
      '100644 was-dir',
      '100644 was-file/inside',
    ]);
    expect(await git(workspace, 'show', 'HEAD:out of it')).toBe('/etc/hostname');
    await expectSound();
  });

  it('never holds what lies behind a link that took the place of a folder', async () => {
    await begin({ 'docs/secret.txt': 'public\n' });
    const outside = join(folder, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret.txt'), 'the secret\n');
    await rm(join(workspace, 'docs'), { recursive: true });
    await symlink(outside, join(workspace, 'docs'));
    await committed();
    expect(await listed()).toEqual(['120000 docs']);
    expect(await git(base, 'grep', 'the secret', 'kosuke-chat-one').catch(() => 'nothing')).toBe('nothing');
  });

  it('converts line ends as git does, byte for byte, whatever the encoding', async () => {
    await begin({ '.gitattributes': '*.txt text\n*.auto text=auto\n', 'a.txt': 'a\n' });
    await write('a.txt', 'a\r\nb\r\n');
    await write('latin.txt', Buffer.from('caf\xe9\r\n\ufffd', 'latin1'));
    await write('bom.txt', Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a]));
    await write('binary.auto', Buffer.from([0, 13, 10, 255]));
    await committed();
    await git(workspace, 'config', 'core.autocrlf', 'false');
    for (const [name, bytes] of [
      ['a.txt', '610a620a'],
      ['latin.txt', '636166e90afd'],
      ['bom.txt', 'efbbbf610a'],
      ['binary.auto', '000d0aff'],
    ] as const) {
      const id = await git(workspace, 'rev-parse', `HEAD:${name}`);
      const file = join(folder, 'expected');
      await writeFile(file, Buffer.from(bytes, 'hex'));
      expect(`${name} ${id}`).toBe(`${name} ${await git(workspace, 'hash-object', '--no-filters', file)}`);
    }
    await expectSound();
  });

  it('takes large files, and long ones with a count of their lines', async () => {
    await begin();
    await write('long.txt', 'line\n'.repeat(400_000));
    await write('large.bin', Buffer.alloc(40 * 1024 * 1024, 'ab\0'));
    const made = await committed();
    expect(made.files.map(({ path, additions, isBinary }) => [path, additions, isBinary])).toEqual([
      ['large.bin', 0, true],
      ['long.txt', 400_000, false],
    ]);
    await expectSound();
    expect(await readdir(join(workspace, '.git'))).not.toContain('kosuke-staging');
  });
});

describe('what a commit leaves out', () => {
  it('skips nested repositories and names them', async () => {
    await begin({ 'kept/tracked.txt': 'x\n', '.gitignore': 'ignored/\n' });
    for (const path of ['empty', 'deep/er/nested', 'ignored/nested']) {
      await mkdir(join(workspace, path), { recursive: true });
      await git(join(workspace, path), 'init', '--quiet');
      await write(`${path}/file`, 'x');
    }
    await git(join(workspace, 'deep/er/nested'), 'commit', '--quiet', '--allow-empty', '--message=x');
    await git(join(workspace, 'kept'), 'init', '--quiet');
    await write('mine.txt', 'x\n');
    const made = await committed();
    expect(made.skippedPaths).toEqual(['deep/er/nested', 'empty']);
    expect(await git(workspace, 'ls-tree', '-r', '--name-only', 'HEAD')).toBe('.gitignore\nkept/tracked.txt\nmine.txt');
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it.skip : it)('keeps files that may not be read as they were (root may read everything)', async () => {
    await begin({ 'closed/a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
    await write('b.txt', 'changed\n');
    await write('c.txt', 'changed\n');
    await mkdir(join(workspace, 'new'));
    await write('new/file', 'x');
    await chmod(join(workspace, 'closed'), 0);
    await chmod(join(workspace, 'new'), 0);
    await chmod(join(workspace, 'c.txt'), 0);
    const made = await committed();
    await chmod(join(workspace, 'closed'), 0o700);
    await chmod(join(workspace, 'new'), 0o700);
    expect(made.files.map(({ path }) => path)).toEqual(['b.txt']);
    expect(made.skippedPaths).toEqual(['c.txt', 'closed', 'new']);
  });

  it('leaves submodules as they are', async () => {
    await mkdir(join(folder, 'library'));
    await git(join(folder, 'library'), 'init', '--quiet');
    await git(join(folder, 'library'), 'commit', '--quiet', '--allow-empty', '--message=x');
    await git(
      source,
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      join(folder, 'library'),
      'lib',
    );
    await begin();
    await write('a.txt', 'changed\n');
    const made = await committed();
    expect(made.files.map(({ path }) => path)).toEqual(['a.txt']);
    expect(await git(workspace, 'ls-tree', 'HEAD', 'lib')).toContain('160000 commit');
  });

  it('names what it cannot address: names that are not UTF-8', async () => {
    await begin();
    await writeFile(Buffer.concat([Buffer.from(`${workspace}/bad`), Buffer.from([0xff])]), 'x');
    await write('good', 'x');
    const made = await committed();
    expect(made.files.map(({ path }) => path)).toEqual(['good']);
    expect(made.skippedPaths).toHaveLength(1);
  });

  it.each([
    ['filter=lfs', '*.psd filter=lfs -text\n'],
    ['working-tree-encoding=UTF-16', '*.psd working-tree-encoding=UTF-16\n'],
  ])('refuses files that git would convert with %s, and commits nothing', async (value, attributes) => {
    await begin({ '.gitattributes': attributes, 'a.txt': 'a\n', 'b.psd': Buffer.from('\ufeffpointer\n', 'utf16le') });
    const before = await git(workspace, 'rev-parse', 'HEAD');
    await write('a.txt', 'b\n');
    await write('new one.psd', 'raw\n');
    await expect(commit()).rejects.toMatchObject({
      code: 'filter-unsupported',
      message: expect.stringContaining(`new one.psd (${value})`),
    });
    expect(await git(workspace, 'rev-parse', 'HEAD')).toBe(before);
    await rm(join(workspace, 'new one.psd'));
    await rm(join(workspace, 'b.psd'));
    expect((await committed()).files.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'modified a.txt',
      'deleted b.psd',
    ]);
  });
});

describe('when a commit is refused', () => {
  it.each(['another branch', 'no branch'])('is when the workspace is on %s', async (where) => {
    await begin();
    await write('a.txt', 'changed\n');
    if (where === 'another branch') await git(workspace, 'checkout', '--quiet', '-b', 'elsewhere');
    else await git(workspace, 'checkout', '--quiet', '--detach');
    const before = await git(workspace, 'rev-parse', 'HEAD');
    await expect(commit()).rejects.toMatchObject({
      code: 'drifted',
      message: expect.stringContaining('kosuke-chat-one'),
    });
    expect(await git(workspace, 'rev-parse', 'HEAD')).toBe(before);
    expect(await git(workspace, 'status', '--porcelain')).toBe('M a.txt');
  });

  it('is when the .git folder leads elsewhere', async () => {
    await begin();
    await open('two');
    await write('a.txt', 'changed\n');
    await git(workspace, 'config', 'core.worktree', join(folder, 'two'));
    await expect(commit()).rejects.toMatchObject({ code: 'unsafe-tree' });
    await rm(join(workspace, '.git'), { recursive: true });
    await writeFile(join(workspace, '.git'), `gitdir: ${join(folder, 'two', '.git')}\n`);
    await expect(commit()).rejects.toMatchObject({ code: 'not-a-repository' });
    await rm(join(workspace, '.git'));
    await symlink(join(folder, 'two', '.git'), join(workspace, '.git'));
    await expect(commit()).rejects.toMatchObject({ code: 'not-a-repository' });
  });
});

describe('commits after trouble', () => {
  it('pass over locks of a process that was killed', async () => {
    await begin();
    await write('a.txt', 'changed\n');
    const heads = join('refs', 'heads', 'kosuke-chat-one.lock');
    await mkdir(join(workspace, '.git', 'refs', 'heads'), { recursive: true });
    for (const lock of [join(workspace, '.git', 'index.lock'), join(workspace, '.git', heads), join(base, heads)]) {
      await writeFile(lock, '');
    }
    await committed();
    await expectSound();
  });

  it('bring commits of the agent along, packed ones too', async () => {
    await begin();
    await git(workspace, 'commit', '--quiet', '--allow-empty', '--message=by hand');
    await write('b', 'b');
    await git(workspace, 'add', 'b');
    await git(workspace, 'commit', '--quiet', '--message=by hand too');
    await git(workspace, 'gc', '--quiet');
    expect(await commit()).toBeNull();
    expect(await git(base, 'rev-parse', 'kosuke-chat-one')).toBe(await git(workspace, 'rev-parse', 'HEAD'));
    await expectSound();
  });

  it('bring merges along in whole', async () => {
    await begin();
    await git(workspace, 'checkout', '--quiet', '-b', 'side');
    await git(workspace, 'commit', '--quiet', '--allow-empty', '--message=side');
    await git(workspace, 'checkout', '--quiet', 'kosuke-chat-one');
    await git(workspace, 'commit', '--quiet', '--allow-empty', '--message=ours');
    await git(workspace, 'merge', '--quiet', '--no-edit', 'side');
    await git(workspace, 'branch', '-D', 'side');
    await write('b', 'b');
    await committed();
    expect(await git(base, 'rev-list', '--count', 'kosuke-chat-one')).toBe('5');
    await expectSound();
  });
});

it('two commits at once in one workspace are one', async () => {
  await begin();
  await write('a.txt', 'changed\n');
  const results = await Promise.all([commit(), commit(), commit()]);
  expect(results.filter((result) => result !== null)).toHaveLength(1);
  expect(await git(workspace, 'rev-list', '--count', 'HEAD')).toBe('2');
  await expectSound();
});

describe('two sessions', () => {
  it('do not see each other', async () => {
    await begin();
    await open('two');
    await write('a.txt', 'one\n');
    await writeFile(join(folder, 'two', 'a.txt'), 'two\n');
    const [one, two] = await Promise.all([committed('one'), committed('two')]);
    expect(await readFile(join(workspace, 'a.txt'), 'utf8')).toBe('one\n');
    expect(await git(workspace, 'cat-file', '-e', two.sha).catch(() => 'absent')).toBe('absent');
    expect(await git(join(folder, 'two'), 'cat-file', '-e', one.sha).catch(() => 'absent')).toBe('absent');
    expect(await git(base, 'show', 'kosuke-chat-one:a.txt')).toBe('one');
    expect(await git(base, 'show', 'kosuke-chat-two:a.txt')).toBe('two');
    expect(await git(base, 'show', 'main:a.txt')).toBe('one\ntwo\nthree');
    await expectSound();
  });

  it('of a repository without commits keep apart too', async () => {
    await begin({});
    await write('a', 'one\n');
    await committed('one');
    await open('two');
    expect(await readdir(join(folder, 'two'))).toEqual(['.git']);
  });
});
