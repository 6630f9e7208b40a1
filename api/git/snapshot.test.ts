import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { workspaceTree } from '../test/workspace-tree.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
const branch = 'kosuke-chat-one';
const ref = 'refs/kosuke/rescue/one/before';
let folder: string;
let source: string;
let base: string;
let workspace: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-snapshot-'));
  source = join(folder, 'source');
  base = join(folder, 'base');
  workspace = join(folder, 'one');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

async function write(name: string, content: string | Buffer, root = workspace): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), content);
}
const read = (name: string) => readFile(join(workspace, name), 'utf8');

async function begin(files: Record<string, string | Buffer> = { 'a.txt': 'one\n' }): Promise<string> {
  for (const [name, content] of Object.entries(files)) await write(name, content, source);
  await git(source, 'add', '--all');
  if (Object.keys(files).length > 0) await git(source, 'commit', '--quiet', '--message=First');
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await door.createWorkspace({ basePath: base, path: workspace, branch, baseBranch: 'main' });
  return Object.keys(files).length > 0 ? await git(workspace, 'rev-parse', 'HEAD') : '';
}

async function turn(): Promise<string> {
  const author = { name: 'Mika', email: 'mika@example.com' };
  const made = await door.commitAll({ path: workspace, basePath: base, branch, title: 'Turn', author, trailers: {} });
  if (!made) throw new Error('nothing was committed');
  return made.sha;
}

const place = () => ({ path: workspace, basePath: base, branch });
const snapshot = (more: { ref?: string; replacedBy?: string } = {}) =>
  door.snapshot({ ...place(), ref, title: 'Before going back', ...more });
const reset = (sha: string | null, saved: string) => door.resetWorkspace({ ...place(), sha, saved });

const tree = (root = workspace) => workspaceTree(root);

/** All that git itself would tell of a workspace. */
const state = async () => ({
  tree: await tree(),
  head: await readFile(join(workspace, '.git', 'HEAD'), 'utf8'),
  refs: await git(workspace, 'for-each-ref'),
  staged: await git(workspace, 'ls-files', '--stage'),
});

async function expectWhole(): Promise<void> {
  for (const path of [workspace, base]) expect(await git(path, 'fsck', '--strict')).not.toMatch(/error|missing|broken/);
}

describe('a snapshot', () => {
  it('holds everything that is not ignored, on top of HEAD, and changes nothing in the workspace', async () => {
    const head = await begin({ 'a.txt': 'one\n', 'gone.txt': 'x', '.gitignore': 'ignored/\n' });
    await write('a.txt', 'changed\n');
    await rm(join(workspace, 'gone.txt'));
    await write('new/run.sh', 'x');
    await chmod(join(workspace, 'new', 'run.sh'), 0o755);
    await symlink('/etc/hostname', join(workspace, 'link'));
    await write('ignored/secret', 's');
    await write('staged', 'first');
    await git(workspace, 'add', 'staged');
    await write('staged', 'second');
    const before = await state();

    const made = await snapshot();
    expect(made).toEqual({
      sha: await git(base, 'rev-parse', ref),
      headSha: head,
      branchSha: head,
      hasUncommitted: true,
      skippedPaths: [],
    });
    expect(await state()).toEqual(before);
    expect((await git(base, 'ls-tree', '-r', made.sha)).replace(/ blob [0-9a-f]+\t/g, ' ').split('\n')).toEqual([
      '100644 .gitignore',
      '100644 a.txt',
      '120000 link',
      '100755 new/run.sh',
      '100644 staged',
    ]);
    expect(await git(base, 'show', `${made.sha}:staged`)).toBe('second');
    expect(await git(base, 'rev-parse', `${made.sha}^`)).toBe(head);
    expect(await git(base, 'rev-parse', '--verify', branch).catch(() => 'unpublished')).toBe('unpublished');
    await expectWhole();
  });

  it('is made once: the same call again tells of the one that is there', async () => {
    await begin();
    await write('a.txt', 'changed\n');
    await write('inner/file', 'x');
    await git(join(workspace, 'inner'), 'init', '--quiet');
    const made = await snapshot();
    await write('a.txt', 'changed again\n');
    expect(await snapshot()).toEqual(made);
    expect(made.skippedPaths).toEqual(['inner']);
  });

  it('says when nothing is uncommitted', async () => {
    const head = await begin();
    expect(await snapshot()).toMatchObject({ headSha: head, hasUncommitted: false });
  });

  it('keeps what a commit would refuse or convert byte for byte', async () => {
    await begin({ '.gitattributes': '*.bin filter=lfs\n*.txt text\n', 'a.txt': 'one\n' });
    const bytes = Buffer.from([0, 1, 255, 13, 10, 254]);
    await write('big.bin', bytes);
    await write('a.txt', 'one\r\ntwo\r\n');
    const made = await snapshot();
    expect(await git(base, 'cat-file', '-s', `${made.sha}:big.bin`)).toBe('6');
    expect(await git(base, 'cat-file', '-s', `${made.sha}:a.txt`)).toBe('10');
    expect(await git(base, 'log', '-1', '--format=%B', made.sha)).toContain('byte for byte');

    await reset(made.headSha, made.sha);
    await door.restoreSnapshot({ ...place(), sha: made.sha, saved: made.headSha });
    expect(await readFile(join(workspace, 'big.bin'))).toEqual(bytes);
    expect(await read('a.txt')).toBe('one\r\ntwo\r\n');
  });

  it('names what it cannot hold', async () => {
    await begin();
    await write('closed', 'x');
    await chmod(join(workspace, 'closed'), 0o000);
    await write('dir/inner/file', 'x');
    await git(join(workspace, 'dir', 'inner'), 'init', '--quiet');
    await write('fine', 'x');
    const made = await snapshot();
    expect(made.skippedPaths).toEqual(['closed', 'dir/inner']);
    expect(await git(base, 'show', `${made.sha}:fine`)).toBe('x');
    // And nothing of it is touched when the rest goes.
    const kept = await reset(made.headSha, made.sha);
    expect(kept.keptPaths).toEqual([]);
    await chmod(join(workspace, 'closed'), 0o600);
    expect(await tree()).toMatchObject({ closed: 'x', 'dir/inner/file': 'x', 'a.txt': 'one\n' });
    expect(await tree()).not.toHaveProperty('fine');
  });

  it('keeps both ends of a workspace that left its branch', async () => {
    const first = await begin();
    await write('b', 'b');
    const tip = await turn();
    await git(workspace, 'checkout', '--quiet', '-b', 'elsewhere', first);
    await write('c', 'c');
    await git(workspace, 'add', 'c');
    await git(workspace, 'commit', '--quiet', '--message=Elsewhere');
    const head = await git(workspace, 'rev-parse', 'HEAD');
    await write('d', 'd');
    const made = await snapshot();
    expect(made).toMatchObject({ headSha: head, branchSha: tip, hasUncommitted: true });
    expect(await git(base, 'show', '--no-patch', '--format=%P', made.sha)).toBe(`${head} ${tip}`);

    await reset(first, made.sha);
    expect(await tree()).toEqual({ 'a.txt': 'one\n' });
    expect(await git(workspace, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${branch}`);
    await door.restoreSnapshot({ ...place(), sha: made.sha, saved: first });
    expect(await git(workspace, 'rev-parse', branch)).toBe(tip);
    expect(await tree()).toEqual({ 'a.txt': 'one\n', c: 'c', d: 'd' });
  });

  it('can be taken where there is no commit yet, and brought back there', async () => {
    await begin({});
    await write('a', 'a');
    const made = await snapshot();
    expect(made).toMatchObject({ headSha: null, branchSha: null, hasUncommitted: true });
    await reset(null, made.sha);
    expect(await tree()).toEqual({});
    await door.restoreSnapshot({ ...place(), sha: made.sha, saved: null });
    expect(await tree()).toEqual({ a: 'a' });
    expect(await git(workspace, 'status', '--porcelain')).toBe('?? a');
  });

  it('keeps ignored files that stand where another commit has files', async () => {
    const first = await begin({ 'a.txt': 'one\n', '.env': 'committed', 'build/out': 'committed' });
    await git(workspace, 'rm', '--quiet', '-r', '--cached', '.env', 'build');
    await write('.gitignore', '.env\nbuild\n');
    await turn();
    await write('.env', 'secret');
    await rm(join(workspace, 'build'), { recursive: true });
    await write('build', 'a file now');
    expect(await git(workspace, 'ls-tree', '-r', '--name-only', 'HEAD')).toBe('.gitignore\na.txt');
    const made = await snapshot({ replacedBy: first });
    expect(await git(base, 'show', `${made.sha}:.env`)).toBe('secret');
    expect((await reset(first, made.sha)).keptPaths).toEqual([]);
    expect(await tree()).toEqual({ 'a.txt': 'one\n', '.env': 'committed', 'build/out': 'committed' });
    await door.restoreSnapshot({ ...place(), sha: made.sha, saved: first });
    expect(await tree()).toMatchObject({ '.env': 'secret', build: 'a file now' });
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
  });
});

describe('a workspace that is reset', () => {
  it('is as the commit says, in files, modes, links, index and both branches; ignored files stay', async () => {
    const first = await begin({ 'a.txt': 'one\n', 'dir/deep/x': 'x', '.gitignore': 'cache/\n', kind: 'a file' });
    await write('a.txt', 'two\n');
    await rm(join(workspace, 'dir'), { recursive: true });
    await write('dir', 'a file where a folder was');
    await rm(join(workspace, 'kind'));
    await write('kind/x', 'a folder where a file was');
    await write('new/deep/er', 'n');
    await write('run', 'r');
    await chmod(join(workspace, 'run'), 0o755);
    const second = await turn();
    const then = await tree();
    await write('cache/kept', 'k');
    await write('untracked/u', 'u');
    const made = await snapshot();

    expect(await reset(first, made.sha)).toEqual({
      headSha: first,
      keptPaths: [],
      undone: {
        files: [
          { path: 'a.txt', kind: 'modified' },
          { path: 'dir', kind: 'added' },
          { path: 'dir/deep/x', kind: 'deleted' },
          { path: 'kind', kind: 'deleted' },
          { path: 'kind/x', kind: 'added' },
          { path: 'new/deep/er', kind: 'added' },
          { path: 'run', kind: 'added' },
          { path: 'untracked/u', kind: 'added' },
        ],
        count: 8,
      },
    });
    expect(await tree()).toEqual({
      'a.txt': 'one\n',
      'dir/deep/x': 'x',
      '.gitignore': 'cache/\n',
      kind: 'a file',
      'cache/kept': 'k',
    });
    expect(await readdir(workspace)).not.toContain('new');
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
    expect(await git(workspace, 'rev-parse', 'HEAD')).toBe(first);
    expect(await git(base, 'rev-parse', branch)).toBe(first);

    await reset(second, first);
    expect(await tree()).toEqual({ ...then, 'cache/kept': 'k' });
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
    expect((await stat(join(workspace, 'run'))).mode & 0o111).toBe(0o111);
    await expectWhole();
  });

  it('goes back and forth over thousands of changed files', async () => {
    const files = Array.from({ length: 3_000 }, (_, index) => [`d${index % 50}/f${index}`, index] as const);
    const first = await begin(Object.fromEntries(files.map(([name, index]) => [name, `one ${index}`.repeat(20)])));
    const before = await tree();
    for (const [name, index] of files) await writeFile(join(workspace, name), `two ${index}`.repeat(20));
    const then = await tree();
    const made = await snapshot();
    expect(await reset(first, made.sha)).toMatchObject({ undone: { count: 3_000 } });
    expect(await tree()).toEqual(before);
    await door.restoreSnapshot({ ...place(), sha: made.sha, saved: first });
    expect(await tree()).toEqual(then);
  }, 60_000);

  it('gets the commits it lacks from the base, as links', async () => {
    const first = await begin();
    await write('a.txt', 'two\n');
    const second = await turn();
    await rm(workspace, { recursive: true });
    await git(base, 'branch', '--force', branch, first);
    await door.createWorkspace({ basePath: base, path: workspace, branch, baseBranch: branch });
    const objects = (root: string) => join(root, 'objects', second.slice(0, 2), second.slice(2));
    await rm(objects(join(workspace, '.git')));
    await reset(second, first);
    expect(await tree()).toEqual({ 'a.txt': 'two\n' });
    expect((await stat(objects(join(workspace, '.git')))).ino).toBe((await stat(objects(base))).ino);
  });

  it('has line ends as git would check them out, by the attributes of that commit', async () => {
    const first = await begin({ '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'one\ntwo\n', 'b.bin': 'a\nb' });
    await write('.gitattributes', '');
    await write('a.txt', 'three\n');
    await write('b.bin', 'c\n');
    await turn();
    const made = await snapshot();
    await reset(first, made.sha);
    expect(await tree()).toMatchObject({ 'a.txt': 'one\r\ntwo\r\n', 'b.bin': 'a\nb' });
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
  });

  it('never leads out through a link: neither writes nor removes behind it', async () => {
    const outside = join(folder, 'outside');
    const first = await begin({ 'dir/a': 'mine', 'dir/b': 'mine', 'other/c': 'mine' });
    await write('dir/a', 'changed');
    await write('dir/new', 'new');
    await write('other/c', 'changed');
    await turn();
    const made = await snapshot();
    // Written after the snapshot was taken, so that nothing of it is known.
    await mkdir(outside);
    for (const name of ['a', 'b', 'c', 'new']) await write(name, 'outside', outside);
    for (const name of ['dir', 'other']) {
      await rm(join(workspace, name), { recursive: true });
      await symlink(outside, join(workspace, name));
    }
    const { keptPaths } = await reset(first, made.sha);
    expect(await tree(outside)).toEqual({ a: 'outside', b: 'outside', c: 'outside', new: 'outside' });
    expect(keptPaths.sort()).toEqual(['dir.kosuke-kept', 'other.kosuke-kept']);
    expect(await tree()).toMatchObject({ 'dir/a': 'mine', 'other/c': 'mine', 'dir.kosuke-kept': `-> ${outside}` });
  });

  it('replaces a saved link to a folder by the folder', async () => {
    const outside = join(folder, 'outside');
    await mkdir(outside);
    await write('a', 'outside', outside);
    const first = await begin({ 'dir/a': 'mine' });
    await rm(join(workspace, 'dir'), { recursive: true });
    await symlink(outside, join(workspace, 'dir'));
    const made = await snapshot();
    expect((await reset(first, made.sha)).keptPaths).toEqual([]);
    expect(await tree()).toEqual({ 'dir/a': 'mine' });
    expect(await tree(outside)).toEqual({ a: 'outside' });
    await door.restoreSnapshot({ ...place(), sha: made.sha, saved: first });
    expect(await tree()).toEqual({ dir: `-> ${outside}` });
  });

  it('keeps what it does not know under another name', async () => {
    const first = await begin({ '.gitignore': 'x\n', 'a.txt': 'one\n' });
    await git(workspace, 'rm', '--quiet', 'a.txt');
    await turn();
    const made = await snapshot();
    await write('a.txt', 'written since\n');
    expect((await reset(first, made.sha)).keptPaths).toEqual(['a.txt.kosuke-kept']);
    expect(await tree()).toMatchObject({ 'a.txt': 'one\n', 'a.txt.kosuke-kept': 'written since\n' });
    // The second time all is in place.
    expect((await reset(first, made.sha)).keptPaths).toEqual([]);
  });

  it('is completed by the same call when it was stopped half way, and passes over the locks left behind', async () => {
    const first = await begin({ 'a.txt': 'one\n', 'b.txt': 'one\n', '.gitignore': 'x\n' });
    await write('a.txt', 'two\n');
    await write('.gitignore', '');
    await write('new', 'n');
    await turn();
    const made = await snapshot();
    await reset(first, made.sha);
    // As if it had ended after the first file, before branch and index.
    await write('a.txt', 'two\n');
    await write('new', 'n');
    await git(workspace, 'update-ref', `refs/heads/${branch}`, made.headSha as string);
    for (const lock of ['index.lock', 'HEAD.lock']) await writeFile(join(workspace, '.git', lock), '');
    await reset(first, made.sha);
    expect(await tree()).toEqual({ 'a.txt': 'one\n', 'b.txt': 'one\n', '.gitignore': 'x\n' });
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
    expect(await git(workspace, 'rev-parse', 'HEAD')).toBe(first);
  });

  it('ends a merge that was under way', async () => {
    const first = await begin();
    await git(workspace, 'checkout', '--quiet', '-b', 'side');
    await write('a.txt', 'side\n');
    await git(workspace, 'commit', '--quiet', '--all', '--message=Side');
    await git(workspace, 'checkout', '--quiet', branch);
    await write('a.txt', 'ours\n');
    await turn();
    await git(workspace, 'merge', 'side').catch(() => undefined);
    const made = await snapshot();
    expect(await git(base, 'show', `${made.sha}:a.txt`)).toContain('<<<<<<<');
    await reset(first, made.sha);
    expect(existsSync(join(workspace, '.git', 'MERGE_HEAD'))).toBe(false);
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
    expect(await read('a.txt')).toBe('one\n');
  });

  it('gets past folders nobody may write in', async () => {
    const first = await begin({ 'dir/a': 'one' });
    await write('dir/a', 'two');
    await write('dir/b', 'two');
    const made = await snapshot();
    await chmod(join(workspace, 'dir'), 0o555);
    await reset(first, made.sha);
    expect(await tree()).toEqual({ 'dir/a': 'one' });
  });

  it('writes nothing where a tree made by hand wants it outside, or into .git', async () => {
    const first = await begin();
    const blob = await git(workspace, 'hash-object', '-w', 'a.txt');
    const { execFileSync } = await import('node:child_process');
    const mktree = (input: string) =>
      execFileSync('git', ['mktree', '--missing'], { cwd: workspace, input }).toString().trim();
    const hooks = mktree(`100644 blob ${blob}\tpost-checkout\n`);
    const evil = mktree(
      ['.git', '.GIT', 'git~1', '..', '.g\u200cit'].map((name) => `040000 tree ${hooks}\t${name}\n`).join(''),
    );
    const sha = await git(workspace, 'commit-tree', '-p', first, '-m', 'Evil', evil);
    const made = await snapshot();
    const done = await reset(sha, made.sha).catch((error: unknown) => error);
    expect(existsSync(join(folder, 'post-checkout'))).toBe(false);
    for (const name of ['.git', '.GIT', 'git~1', '.g\u200cit']) {
      expect(existsSync(join(workspace, name, 'post-checkout'))).toBe(false);
    }
    expect(done).toBeDefined();
  });
});

describe('rescue refs', () => {
  it('are listed and let go of below a prefix, and no branches', async () => {
    await begin();
    const one = await snapshot({ ref: 'refs/kosuke/rescue/one/a' });
    await snapshot({ ref: 'refs/kosuke/rescue/one/b' });
    await snapshot({ ref: 'refs/kosuke/rescue/oneother/a' });
    const prefix = 'refs/kosuke/rescue/one';
    expect(await door.listRefs({ path: base, prefix })).toEqual([
      { name: `${prefix}/a`, sha: one.sha },
      { name: `${prefix}/b`, sha: expect.any(String) },
    ]);
    expect((await door.branches(base)).map(({ name }) => name)).toEqual(['main']);
    await door.deleteRefs({ path: base, prefix });
    await door.deleteRefs({ path: base, prefix });
    expect(await git(base, 'for-each-ref', '--format=%(refname)', 'refs/kosuke')).toBe('refs/kosuke/rescue/oneother/a');
  });

  it('have names of our own only', async () => {
    await begin();
    for (const bad of ['refs/heads/main', 'refs/kosuke/../heads/main', 'refs/kosuke/rescue/a b', 'HEAD']) {
      await expect(snapshot({ ref: bad })).rejects.toMatchObject({ code: 'invalid-name' });
      await expect(door.deleteRefs({ path: base, prefix: bad })).rejects.toMatchObject({ code: 'invalid-name' });
    }
  });
});
