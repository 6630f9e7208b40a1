import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { git } from '../test/git-fixture.ts';
import { GitProcesses } from './git-processes.ts';
import type { AskedState, Difference, FileLines, Missing, SessionPlaces } from './reads.ts';

// Thousands of files are written, on machines that may be busy.
jest.setTimeout(30_000);

const door = new GitProcesses();
const author = { name: 'Mika', email: 'mika@example.com' };
const NOW: AskedState = { kind: 'now' };
const BASE: AskedState = { kind: 'base' };

let folder: string;
let source: string;
let base: string;
let workspace: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-reads-')));
  source = join(folder, 'source');
  base = join(folder, 'base');
  workspace = join(folder, 'one');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

const places = (name = 'one'): SessionPlaces => ({
  basePath: base,
  path: join(folder, name),
  branch: `kosuke-chat-${name}`,
  baseBranch: 'main',
  rescuePrefix: `refs/kosuke/rescue/${name}/`,
  freedPrefix: `refs/kosuke/rescue/${name}/archive/`,
});

const write = (name: string, content: string | Buffer) => writeFile(join(workspace, name), content);

/** A workspace of a repository that holds these files. */
async function begin(files: Record<string, string | Buffer> = { 'a.txt': 'one\ntwo\nthree\n' }): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(source, name, '..'), { recursive: true });
    await writeFile(join(source, name), content);
  }
  if (Object.keys(files).length > 0) {
    await git(source, 'add', '--all');
    await git(source, 'commit', '--quiet', '--message=First');
  }
  await open();
}

async function open(): Promise<void> {
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await door.createWorkspace({ basePath: base, path: workspace, branch: 'kosuke-chat-one', baseBranch: 'main' });
}

async function commit(name = 'one'): Promise<string> {
  const made = await door.commitAll({
    path: join(folder, name),
    basePath: base,
    branch: `kosuke-chat-${name}`,
    title: 'Turn',
    author,
    trailers: {},
  });
  if (!made) throw new Error('nothing was committed');
  return made.sha;
}

const known = (sha: string): AskedState => ({ kind: 'commit', sha, isKnown: true });
const given = (sha: string): AskedState => ({ kind: 'commit', sha, isKnown: false });

function there<T extends object>(answer: T | Missing): T {
  if ('missing' in answer) throw new Error(`missing: ${answer.missing}`);
  return answer;
}

async function diff(from: AskedState = BASE, to: AskedState = NOW): Promise<Difference> {
  return there(await door.diffFiles({ session: places(), from, to }));
}

async function lines(
  path: string,
  { from = BASE, to = NOW, oldPath = null as string | null, contextLines = 3 } = {},
): Promise<FileLines> {
  return there(await door.diffFile({ session: places(), from, to, path, oldPath, contextLines }));
}

/** Lines as git prints them. */
const printed = ({ hunks }: FileLines) =>
  hunks.flatMap((hunk) =>
    hunk.lines.map(({ kind, text }) => ({ context: ' ', added: '+', removed: '-' })[kind] + text),
  );

/** The bytes of everything in .git, by path, with their times. */
async function stateOfGit(): Promise<string[]> {
  const names = (await readdir(join(workspace, '.git'), { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, size } = await stat(join(workspace, '.git', name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

describe('a difference between the base and the workspace', () => {
  it('tells what happened to each file, with its lines, as the next commit would', async () => {
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]);
    await begin({
      'a.txt': 'one\ntwo\nthree\n',
      'gone.txt': 'x\ny\n',
      'moved.txt': 'l1\nl2\nl3\nl4\nl5\nl6\n',
      'logo.png': picture,
      'run.sh': 'echo\n',
      'text.txt': 'a\nb\n',
      'same.txt': 'same\n',
      empty: '',
    });
    await write('a.txt', 'one\n2\nthree\nfour\n');
    await rm(join(workspace, 'gone.txt'));
    await rename(join(workspace, 'moved.txt'), join(workspace, 'there.txt'));
    await write('logo.png', Buffer.concat([picture, picture]));
    await chmod(join(workspace, 'run.sh'), 0o755);
    await rm(join(workspace, 'text.txt'));
    await symlink('a.txt', join(workspace, 'text.txt'));
    await mkdir(join(workspace, 'new'));
    await write('new/untracked.txt', 'hello');

    const { from, to, files, totalFiles, skippedPaths } = await diff();
    expect(from).toEqual({ kind: 'commit', sha: await git(base, 'rev-parse', 'main') });
    expect({ to, totalFiles, skippedPaths }).toEqual({ to: { kind: 'workspace' }, totalFiles: 7, skippedPaths: [] });
    const common = { oldPath: null, isBinary: false, isImage: false, isUncounted: false };
    const file = (bytes: number) => ({ mode: 'file', bytes });
    expect(files).toEqual([
      { ...common, path: 'a.txt', kind: 'modified', additions: 2, deletions: 1, before: file(14), after: file(17) },
      { ...common, path: 'gone.txt', kind: 'deleted', additions: 0, deletions: 2, before: file(4), after: null },
      {
        ...{ ...common, path: 'logo.png', kind: 'modified', additions: 0, deletions: 0, isBinary: true },
        ...{ isImage: true, before: file(7), after: file(14) },
      },
      { ...common, path: 'new/untracked.txt', kind: 'added', additions: 1, deletions: 0, before: null, after: file(5) },
      {
        ...{ ...common, path: 'run.sh', kind: 'modified', additions: 0, deletions: 0 },
        ...{ before: file(5), after: { mode: 'executable', bytes: 5 } },
      },
      {
        ...{ ...common, path: 'text.txt', kind: 'type-changed', additions: 1, deletions: 2 },
        ...{ before: file(4), after: { mode: 'link', bytes: 5 } },
      },
      {
        ...{ ...common, path: 'there.txt', oldPath: 'moved.txt', kind: 'renamed', additions: 0, deletions: 0 },
        ...{ before: file(18), after: file(18) },
      },
    ]);
  });

  it('is the same when everything is committed, and when the workspace is not there any more', async () => {
    await begin();
    await write('a.txt', 'one\n2\nthree\n');
    await write('b.txt', 'b\n');
    const before = (await diff()).files;
    await commit();
    expect((await diff()).files).toEqual(before);
    await rm(workspace, { recursive: true });
    const { to, files } = await diff();
    expect(to).toEqual({ kind: 'commit', sha: await git(base, 'rev-parse', 'kosuke-chat-one') });
    expect(files).toEqual(before);
  });

  it('of a workspace that was freed is as it was then, with what nobody committed', async () => {
    await begin();
    await write('b.txt', 'b\n');
    await commit();
    await write('c.txt', 'c\n');
    await git(workspace, 'add', '--all');
    const tree = await git(workspace, 'write-tree');
    const kept = await git(workspace, 'commit-tree', '-p', 'HEAD', '-m', 'x', tree);
    await git(base, 'fetch', '--quiet', workspace, kept);
    for (const number of ['0000000009', '0000000010']) {
      const sha = number.endsWith('9') ? 'main' : 'FETCH_HEAD';
      await git(base, 'update-ref', `refs/kosuke/rescue/one/archive/${number}`, sha);
    }
    await rm(workspace, { recursive: true });
    const { to, files } = await diff();
    expect(to).toEqual({ kind: 'commit', sha: await git(base, 'rev-parse', 'FETCH_HEAD') });
    expect(files.map(({ path }) => path)).toEqual(['b.txt', 'c.txt']);
  });

  it('leaves out what happened on the base since, and writes nothing in the workspace', async () => {
    await begin();
    await write('b.txt', 'b\n');
    const shared = await commit();
    await write('c.txt', 'c\n');
    await git(source, 'commit', '--quiet', '--allow-empty', '--message=Second');
    await git(
      base,
      'update-ref',
      'refs/heads/main',
      await git(base, 'commit-tree', '-p', 'main', '-m', 'x', `main^{tree}`),
    );
    const state = await stateOfGit();
    expect((await diff()).files.map(({ path }) => path)).toEqual(['b.txt', 'c.txt']);
    expect(printed(await lines('c.txt'))).toEqual(['+c']);
    expect(await stateOfGit()).toEqual(state);
    expect((await readdir(folder)).sort()).toEqual(['base', 'one', 'source']);
    expect((await diff({ kind: 'before', sha: shared }, known(shared))).files.map(({ path }) => path)).toEqual([
      'b.txt',
    ]);
  });

  it('of a repository without commits is all that lies in the workspace, and nothing where nothing does', async () => {
    await begin({});
    expect(await diff()).toMatchObject({ from: { kind: 'empty' }, to: { kind: 'workspace' }, files: [] });
    await write('first.txt', '1\n');
    expect((await diff()).files).toMatchObject([{ path: 'first.txt', kind: 'added', additions: 1 }]);
    const sha = await commit();
    expect((await diff()).files).toMatchObject([{ path: 'first.txt', kind: 'added' }]);
    expect((await diff({ kind: 'before', sha }, known(sha))).files).toMatchObject([{ path: 'first.txt' }]);
    expect(printed(await lines('first.txt'))).toEqual(['+1']);
  });

  it('takes every name as it is', async () => {
    const names = ['new\nline', 'ünïcödé 日本', 'with space', '*[a].txt', '-dash', 'quo"te'];
    await begin({ 'a.txt': 'a\n' });
    for (const name of names) await write(name, 'x\n');
    expect((await diff()).files.map(({ path }) => path).sort()).toEqual([...names].sort());
    for (const name of names) expect(printed(await lines(name))).toEqual(['+x']);
    await commit();
    for (const name of names) {
      expect(printed(await lines(name))).toEqual(['+x']);
      const content = there(await door.readFile({ session: places(), at: NOW, path: name }));
      expect(content).toMatchObject({ text: 'x\n', lineEnds: 'lf' });
    }
  });

  it('does not call text in other scripts binary', async () => {
    await begin({ 'a.txt': '日本語\n' });
    await write('a.txt', '日本語テキスト\n');
    expect((await diff()).files).toMatchObject([{ isBinary: false, additions: 1, deletions: 1 }]);
  });

  it('names what no commit would hold', async () => {
    await begin();
    await mkdir(join(workspace, 'nested'));
    await git(join(workspace, 'nested'), 'init', '--quiet');
    await write('nested/file.txt', 'of another repository\n');
    expect(await diff()).toMatchObject({ files: [], skippedPaths: ['nested'] });
  });

  it('counts 1,000 files, and names at most 3,000', async () => {
    await begin({ 'a.txt': 'a\n' });
    for (let index = 0; index < 1_000; index += 1) await write(`f${index}.txt`, `line ${index}\nb\n`);
    const some = await diff();
    expect(some.files).toHaveLength(1_000);
    expect(some.files.every(({ additions, isUncounted }) => additions === 2 && !isUncounted)).toBe(true);
    for (let index = 1_000; index < 3_100; index += 1) await write(`f${index}.txt`, '');
    await write('zz.txt', 'last\n');
    const many = await diff();
    expect(many.files).toHaveLength(3_000);
    expect(many.totalFiles).toBe(3_101);
  });

  it('names large files without reading them, and says so', async () => {
    await begin({ 'large.bin': Buffer.alloc(5 * 1024 * 1024, 'a'), 'a.txt': 'a\n' });
    await write('large.bin', Buffer.alloc(6 * 1024 * 1024, 'b'));
    await write('new.bin', Buffer.alloc(4 * 1024 * 1024 + 1, 'c'));
    await write('fits.txt', Buffer.alloc(4 * 1024 * 1024, 'd\n'));
    const expected = [
      { path: 'fits.txt', isUncounted: false, additions: 2 * 1024 * 1024 },
      { path: 'large.bin', isUncounted: true, before: { bytes: 5_242_880 }, after: { bytes: 6_291_456 } },
      { path: 'new.bin', isUncounted: true, before: null, after: { bytes: 4_194_305 } },
    ];
    expect((await diff()).files).toMatchObject(expected);
    expect(await lines('large.bin')).toMatchObject({ file: { isUncounted: true, additions: 0 }, hunks: [] });
    await commit();
    expect((await diff()).files).toMatchObject(expected);
  });
});

describe('the lines of one file', () => {
  it('come in hunks with their numbers and as much context as is asked for', async () => {
    const text = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
    await begin({ 'a.txt': `${text.join('\n')}\n` });
    text[4] = 'changed';
    text.splice(24, 1);
    await write('a.txt', `${text.join('\n')}\n`);
    const { file, hunks, isCut } = await lines('a.txt', { contextLines: 1 });
    expect(file).toMatchObject({ path: 'a.txt', kind: 'modified', additions: 1, deletions: 2 });
    expect(isCut).toBe(false);
    expect(hunks).toHaveLength(2);
    expect(hunks[0]).toMatchObject({ oldStart: 4, oldLines: 3, newStart: 4, newLines: 3 });
    const common = { end: 'lf', isCut: false };
    expect(hunks[0]?.lines).toEqual([
      { ...common, kind: 'context', oldNumber: 4, newNumber: 4, text: 'line 4' },
      { ...common, kind: 'removed', oldNumber: 5, newNumber: null, text: 'line 5' },
      { ...common, kind: 'added', oldNumber: null, newNumber: 5, text: 'changed' },
      { ...common, kind: 'context', oldNumber: 6, newNumber: 6, text: 'line 6' },
    ]);
    expect((await lines('a.txt', { contextLines: 100 })).hunks).toHaveLength(1);
    expect(printed(await lines('a.txt', { contextLines: 0 }))).toEqual(['-line 5', '+changed', '-line 25']);
  });

  it('say how each line ends', async () => {
    await begin({ 'a.txt': 'one\r\ntwo' });
    await write('a.txt', 'one\ntwo\n');
    const [hunk] = (await lines('a.txt')).hunks;
    expect(hunk?.lines.map(({ kind, text, end }) => `${kind} ${text} ${end}`)).toEqual([
      'removed one crlf',
      'removed two none',
      'added one lf',
      'added two lf',
    ]);
  });

  it('follow attributes: what git would store the same is no difference', async () => {
    await begin({ '.gitattributes': '*.txt text\n', 'a.txt': 'one\ntwo\n' });
    await write('a.txt', 'one\r\ntwo\r\nthree\r\n');
    expect((await diff()).files).toMatchObject([{ path: 'a.txt', additions: 1, deletions: 0 }]);
    expect(printed(await lines('a.txt'))).toEqual([' one', ' two', '+three']);
  });

  it('show links by their targets, also where a file became one', async () => {
    await begin({ 'file.txt': 'a\nb\n' });
    await symlink('old', join(source, 'link'));
    await rm(base, { recursive: true });
    await rm(workspace, { recursive: true });
    await git(source, 'add', '--all');
    await git(source, 'commit', '--quiet', '--message=Link');
    await open();
    await rm(join(workspace, 'link'));
    await symlink('new', join(workspace, 'link'));
    await rm(join(workspace, 'file.txt'));
    await symlink('target', join(workspace, 'file.txt'));
    const link = await lines('link');
    expect(link.file).toMatchObject({ kind: 'modified', before: { mode: 'link' }, after: { mode: 'link' } });
    expect(printed(link)).toEqual(['-old', '+new']);
    const became = await lines('file.txt');
    expect(became.file).toMatchObject({ kind: 'type-changed', before: { mode: 'file' }, after: { mode: 'link' } });
    expect(printed(became)).toEqual(['-a', '-b', '+target']);
    expect(printed(await lines('file.txt', { from: NOW, to: BASE }))).toEqual(['-target', '+a', '+b']);
  });

  it('of a renamed file are those that differ from the one before', async () => {
    await begin({ 'old.txt': 'a\nb\nc\nd\ne\n' });
    await rm(join(workspace, 'old.txt'));
    await write('new.txt', 'a\nb\nc\nd\nE\n');
    expect((await diff()).files).toMatchObject([
      { path: 'new.txt', oldPath: 'old.txt', kind: 'renamed', additions: 1 },
    ]);
    const renamed = await lines('new.txt', { oldPath: 'old.txt', contextLines: 0 });
    expect(renamed.file).toMatchObject({ kind: 'renamed', oldPath: 'old.txt', additions: 1, deletions: 1 });
    expect(printed(renamed)).toEqual(['-e', '+E']);
  });

  it('are none where only the mode differs, the file is empty, or it is not text', async () => {
    await begin({ 'run.sh': 'x\n', 'bin.dat': Buffer.from([0, 1]) });
    await chmod(join(workspace, 'run.sh'), 0o755);
    await write('bin.dat', Buffer.from([0, 2]));
    await write('empty', '');
    expect(await lines('run.sh')).toMatchObject({
      hunks: [],
      file: { before: { mode: 'file' }, after: { mode: 'executable' } },
    });
    expect(await lines('bin.dat')).toMatchObject({ hunks: [], file: { isBinary: true } });
    expect(await lines('empty')).toMatchObject({ hunks: [], file: { kind: 'added', after: { bytes: 0 } } });
  });

  it('are cut where there are too many, or one is too long, and say so', async () => {
    await begin();
    await write('many.txt', Array.from({ length: 6_000 }, (_, index) => `line ${index}\n`).join(''));
    await write('long.txt', `${'x'.repeat(300_000)}\nshort\n`);
    const many = await lines('many.txt');
    expect(many).toMatchObject({ isCut: true, file: { additions: 6_000 } });
    expect(many.hunks.flatMap((hunk) => hunk.lines)).toHaveLength(5_000);
    const [long, short] = (await lines('long.txt')).hunks[0]?.lines ?? [];
    expect(long).toMatchObject({ isCut: true, text: 'x'.repeat(2_000) });
    expect(short).toMatchObject({ isCut: false, text: 'short' });
  });

  it('of text that is not UTF-8 are readable all the same', async () => {
    await begin({ 'a.txt': Buffer.from('caf\xe9\n', 'latin1') });
    await write('a.txt', Buffer.from('caf\xe8\n', 'latin1'));
    expect(printed(await lines('a.txt'))).toEqual(['-café', '+cafè']);
  });

  it('of what is on neither side are missing', async () => {
    await begin();
    for (const path of [
      'nothing.txt',
      '',
      '../one/a.txt',
      '/etc/passwd',
      '.git/config',
      '.GIT/config',
      'a.txt/',
      'a\0',
    ]) {
      const asked = { session: places(), from: BASE, to: NOW, path, oldPath: null, contextLines: 3 };
      expect(await door.diffFile(asked)).toEqual({ missing: 'path' });
    }
  });
});

describe('a workspace in an unusual state', () => {
  it('off its branch is compared as it is', async () => {
    await begin();
    await git(workspace, 'switch', '--quiet', '--detach');
    await write('b.txt', 'b\n');
    await git(workspace, 'add', '--all');
    await git(workspace, 'commit', '--quiet', '--message=By hand');
    await write('c.txt', 'c\n');
    expect((await diff()).files.map(({ path }) => path)).toEqual(['b.txt', 'c.txt']);
    expect(printed(await lines('b.txt'))).toEqual(['+b']);
  });

  it('with something in its index counts for what lies in it, not for what is staged', async () => {
    await begin({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    await write('a.txt', 'staged\n');
    await git(workspace, 'add', '--all');
    await write('a.txt', 'a\n');
    await git(workspace, 'rm', '--quiet', '--cached', 'b.txt');
    await write('c.txt', 'c\n');
    await git(workspace, 'add', '--all', '--intent-to-add', 'c.txt');
    expect((await diff()).files.map(({ path }) => path)).toEqual(['c.txt']);
  });

  it('with a submodule shows it by its commit', async () => {
    await begin();
    const sha = '1234567890123456789012345678901234567890';
    await git(workspace, 'update-index', '--add', '--cacheinfo', `160000,${sha},module`);
    await git(workspace, 'commit', '--quiet', '--message=Module');
    await mkdir(join(workspace, 'module'));
    await door.branchState({ path: workspace, basePath: base, branch: 'kosuke-chat-one', maxFiles: 10 });
    await git(base, 'update-ref', 'refs/heads/kosuke-chat-one', await git(workspace, 'rev-parse', 'HEAD'));
    expect((await diff()).files).toMatchObject([
      { path: 'module', kind: 'added', before: null, after: { mode: 'submodule', bytes: null } },
    ]);
    expect(printed(await lines('module'))).toEqual([`+Subproject commit ${sha}`]);
    const listing = there(await door.listFolder({ session: places(), at: NOW, path: '' }));
    expect(listing.entries.find(({ name }) => name === 'module')).toMatchObject({ kind: 'submodule' });
  });

  it('with a file nobody may read names it, and fails only for that file', async () => {
    await begin();
    await write('closed.txt', 'closed\n');
    await write('open.txt', 'open\n');
    await chmod(join(workspace, 'closed.txt'), 0);
    expect(await diff()).toMatchObject({ files: [{ path: 'open.txt' }], skippedPaths: ['closed.txt'] });
    await expect(lines('closed.txt')).rejects.toMatchObject({ code: 'unsafe-owner' });
    const read = door.readFile({ session: places(), at: NOW, path: 'closed.txt' });
    await expect(read).rejects.toMatchObject({ code: 'unsafe-owner' });
  });

  it('with a pipe in it waits for nobody', async () => {
    await begin();
    await promisify(execFile)('mkfifo', [join(workspace, 'pipe')]);
    expect(await diff()).toMatchObject({ files: [] });
    expect(await door.readFile({ session: places(), at: NOW, path: 'pipe' })).toEqual({ missing: 'not-a-file' });
    const listing = there(await door.listFolder({ session: places(), at: NOW, path: '' }));
    expect(listing.entries).toContainEqual(expect.objectContaining({ name: 'pipe', kind: 'other' }));
  });
});

describe('which commits may be asked for', () => {
  it('are those the session leads to, and those it wrote down itself', async () => {
    await begin();
    await door.createWorkspace({
      ...{ basePath: base, path: join(folder, 'two'), branch: 'kosuke-chat-two', baseBranch: 'main' },
    });
    await writeFile(join(folder, 'two', 'private.txt'), 'of somebody else\n');
    const others = await commit('two');
    await write('b.txt', 'b\n');
    const own = await commit();
    const main = await git(base, 'rev-parse', 'main');
    const kept = await git(base, 'commit-tree', '-p', own, '-m', 'kept', `${own}^{tree}`);
    await git(base, 'update-ref', 'refs/kosuke/rescue/one/archive', kept);
    await git(base, 'update-ref', 'refs/kosuke/rescue/onelonger/archive', others);
    for (const sha of [own, main, kept]) expect((await diff(given(sha))).from).toEqual({ kind: 'commit', sha });

    const tree = await git(base, 'rev-parse', 'main^{tree}');
    for (const sha of [others, tree, '0'.repeat(40), 'main', own.slice(0, 10), own.toUpperCase()]) {
      expect(await door.diffFiles({ session: places(), from: given(sha), to: NOW })).toEqual({ missing: 'commit' });
      expect(await door.readFile({ session: places(), at: given(sha), path: 'private.txt' })).toEqual({
        missing: 'commit',
      });
      expect(await door.listFolder({ session: places(), at: given(sha), path: '' })).toEqual({ missing: 'commit' });
    }
    // The control: for the session it belongs to, it is there.
    const mine = await door.readFile({ session: places('two'), at: given(others), path: 'private.txt' });
    expect(mine).toMatchObject({ text: 'of somebody else\n' });
  });

  it('are missing with their reason where there is no repository, workspace or base branch', async () => {
    expect(await door.diffFiles({ session: places(), from: BASE, to: NOW })).toEqual({ missing: 'repository' });
    await begin();
    await write('b.txt', 'b\n');
    await commit();
    await git(base, 'branch', 'other', 'main');
    await git(base, 'symbolic-ref', 'HEAD', 'refs/heads/other');
    await git(base, 'branch', '-D', 'main');
    expect(await door.diffFiles({ session: places(), from: BASE, to: NOW })).toEqual({ missing: 'base-branch' });
    await rm(workspace, { recursive: true });
    await git(base, 'branch', '-D', 'kosuke-chat-one');
    expect(await door.listFolder({ session: places(), at: NOW, path: '' })).toEqual({ missing: 'files' });
  });
});

/** Puts a link to the secret in the place of a folder and back, as fast as it can. */
const SWAP = `const fs = require('node:fs');
console.log('swapping');
for (;;) {
  fs.renameSync('shown', 'kept'); fs.renameSync('link', 'shown');
  fs.renameSync('shown', 'link'); fs.renameSync('kept', 'shown');
}`;

describe('what lies outside of the workspace', () => {
  it('is shown by no link, whichever way it is asked for', async () => {
    await begin();
    const secret = join(folder, 'secret');
    await mkdir(secret);
    await writeFile(join(secret, 'marker'), 'the secret\n');
    await symlink(secret, join(workspace, 'link'));
    await symlink(join(secret, 'marker'), join(workspace, 'file'));
    await symlink('loop', join(workspace, 'loop'));
    // The control: whoever follows links reads it.
    expect(await readFile(join(workspace, 'link', 'marker'), 'utf8')).toBe('the secret\n');
    expect(await readFile(join(workspace, 'file'), 'utf8')).toBe('the secret\n');

    const session = places();
    const target = join(secret, 'marker');
    const answers = [
      await door.readFile({ session, at: NOW, path: 'file' }),
      await door.readFile({ session, at: NOW, path: 'link/marker' }),
      await door.readFile({ session, at: NOW, path: 'loop' }),
      await door.listFolder({ session, at: NOW, path: 'link' }),
      await door.listFolder({ session, at: NOW, path: 'file' }),
      await door.listFolder({ session, at: NOW, path: '' }),
      await door.diffFile({ session, from: BASE, to: NOW, path: 'link/marker', oldPath: null, contextLines: 3 }),
      await lines('file'),
      await diff(),
    ];
    expect(answers.slice(0, 5)).toMatchObject([
      { mode: 'link', linkTarget: target, text: null },
      { missing: 'behind-link' },
      { mode: 'link', linkTarget: 'loop' },
      { missing: 'not-a-folder' },
      { missing: 'not-a-folder' },
    ]);
    expect(JSON.stringify(answers)).not.toContain('the secret');
  });

  it('is never read through a folder that turns into a link and back meanwhile', async () => {
    await begin();
    const secret = join(folder, 'secret');
    const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
    for (const path of [secret, join(workspace, 'shown')]) await mkdir(path);
    await symlink(secret, join(workspace, 'link'));
    await writeFile(join(secret, 'only-there'), 'the secret\n');
    for (const name of names) {
      await writeFile(join(secret, name), 'the secret\n');
      await write(`shown/${name}`, 'mine\n');
    }
    const swapping = spawn(process.execPath, ['-e', SWAP], {
      ...{ cwd: workspace, env: {}, stdio: ['ignore', 'pipe', 'ignore'] as const },
    });
    const ended = once(swapping, 'exit');
    const session = places();
    let naive = 0;
    let seen = 0;
    try {
      await once(swapping.stdout, 'data');
      for (let round = 0; round < 25; round += 1) {
        const path = `shown/${names[round]}`;
        // The control: reading by the path alone does get there.
        for (let attempt = 0; attempt < 200; attempt += 1) if (naiveRead(path) === 'the secret\n') naive += 1;
        const answers = [
          await door.readFile({ session, at: NOW, path }),
          await door.listFolder({ session, at: NOW, path: 'shown' }),
          await door.diffFile({ session, from: BASE, to: NOW, path, oldPath: null, contextLines: 3 }),
          await door.diffFiles({ session, from: BASE, to: NOW }),
        ];
        const told = JSON.stringify(answers);
        if (told.includes('mine')) seen += 1;
        expect(told).not.toMatch(/the secret|only-there/);
        // Nor was it read to be counted: eleven bytes are the secret's.
        expect(told).not.toContain('"bytes":11');
      }
    } finally {
      swapping.kill('SIGKILL');
      await ended;
    }
    expect(naive).toBeGreaterThan(0);
    expect(seen).toBeGreaterThan(0);
  });
});

function naiveRead(path: string): string | null {
  try {
    return readFileSync(join(workspace, path), 'utf8');
  } catch {
    return null;
  }
}
