import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { git } from '../test/git-fixture.ts';
import type { Commit } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const run = promisify(execFile);
const door = new GitProcesses();
const author = { name: 'Mika', email: 'mika@example.com' };
let folder: string;
let source: string;
let base: string;
let workspace: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-limits-')));
  source = join(folder, 'source');
  base = join(folder, 'base');
  workspace = join(folder, 'one');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

const initSource = async (branch = 'main') => {
  await mkdir(source);
  await git(source, 'init', '--quiet', `--initial-branch=${branch}`);
};

async function put(root: string, name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), content);
}

async function commitSource(): Promise<void> {
  await git(source, 'add', '--all');
  await git(source, 'commit', '--quiet', '--message=First');
}

/** Git itself reads a commit from this text: what no file system would hold can be in a repository all the same. */
async function fastImport(text: string): Promise<void> {
  const importing = run('git', ['fast-import', '--quiet'], { cwd: source, env: { PATH: process.env.PATH } });
  importing.child.stdin?.end(text);
  await importing;
}

const importedCommit = (files: string[]) =>
  `blob\nmark :1\ndata 3\nhi\n\ncommit refs/heads/main\ncommitter Mika <mika@example.com> 1 +0000\ndata 5\nFirst\n${files
    .map((path) => `M 100644 :1 ${path}\n`)
    .join('')}\n`;

const clone = (path = source) => door.cloneBase({ source: { kind: 'path', path }, path: base });
const open = (baseBranch: string) =>
  door.createWorkspace({ basePath: base, path: workspace, branch: 'kosuke-chat-one', baseBranch });
const commit = () =>
  door.commitAll({
    path: workspace,
    basePath: base,
    branch: 'kosuke-chat-one',
    title: 'Turn',
    author,
    trailers: {},
  });

/** The tree git itself would commit from the workspace as it is, found out on a copy. */
async function treeByGit(): Promise<string> {
  const copy = join(folder, 'by-git');
  await rm(copy, { recursive: true, force: true });
  // Not node's cp: it cannot name what is not UTF-8.
  await run('cp', ['-a', workspace, copy]);
  // Git would not add anything at all when a pipe stands where a file was.
  await run('find', [copy, '-type', 'p', '-delete']);
  await git(copy, 'add', '--all');
  return await git(copy, 'write-tree');
}

/** Git's own word on copies of both repositories: all is there, sound and clean. */
async function expectSound(): Promise<void> {
  for (const path of [base, workspace]) {
    const copy = join(folder, 'checked');
    await run('cp', ['-a', path, copy]);
    expect(await git(copy, 'fsck', '--strict').catch(({ stderr }) => stderr)).not.toMatch(/error|missing|broken/);
    await run('find', [copy, '-type', 'p', '-delete']);
    if (path === workspace) expect(await git(copy, 'status', '--porcelain')).toBe('');
    await rm(copy, { recursive: true });
  }
}

interface Kind {
  name: string;
  /** Makes the source with the git command line. Default: an empty repository on main. */
  make(): Promise<unknown>;
  /** Where it is cloned from, when not the source itself. */
  from?: () => string;
  branch?: string;
  /** What is looked at in the new workspace. */
  opened?(): Promise<void>;
  /** A turn's worth of changes. */
  change(): Promise<unknown>;
  /** The files of the commit, as `kind path`. */
  files: string[];
  after?(): Promise<void>;
}

const LONG_PATH = [...Array.from({ length: 19 }, () => 'd'.repeat(200)), 'f'.repeat(181)].join('/');

const kinds: Kind[] = [
  {
    name: 'names with spaces, line ends, quotes, options and unicode in both normal forms',
    async make() {
      for (const name of [
        'a b',
        ' lead',
        'trail ',
        'new\nline',
        'tab\t"q"\\',
        '--all',
        'e\u0301',
        '\u00e9',
        '日本/🙂',
      ]) {
        await put(source, name, 'x\n');
      }
      await commitSource();
    },
    async change() {
      for (const name of [
        'a b',
        ' lead',
        'trail ',
        'new\nline',
        'tab\t"q"\\',
        '--all',
        'e\u0301',
        '\u00e9',
        '日本/🙂',
      ]) {
        await appendFile(join(workspace, name), 'y\n');
      }
      await put(workspace, ':(glob)*', 'z');
      await put(workspace, '[a-z]*', 'z');
      await put(workspace, '!no', 'z');
    },
    files: [
      'modified  lead',
      'added !no',
      'modified --all',
      'added :(glob)*',
      'added [a-z]*',
      'modified a b',
      'modified e\u0301',
      'modified new\nline',
      'modified tab\t"q"\\',
      'modified trail ',
      'modified \u00e9',
      'modified 日本/🙂',
    ],
  },
  {
    name: 'names that differ in case only',
    make: async () => {
      await put(source, 'README', 'upper\n');
      await put(source, 'readme', 'lower\n');
      await put(source, 'Src/a', 'a\n');
      await put(source, 'src/A', 'b\n');
      await commitSource();
    },
    opened: async () => {
      expect(await readFile(join(workspace, 'README'), 'utf8')).toBe('upper\n');
      expect(await readFile(join(workspace, 'readme'), 'utf8')).toBe('lower\n');
    },
    change: async () => {
      await put(workspace, 'readme', 'changed\n');
      await rename(join(workspace, 'src/A'), join(workspace, 'src/a'));
      await put(workspace, 'SRC/a', 'new\n');
    },
    files: ['added SRC/a', 'modified readme', 'renamed src/a'],
  },
  {
    name: 'a path of 4,000 characters',
    make: () => fastImport(importedCommit([LONG_PATH, 'short'])),
    opened: async () => expect((await lstat(join(workspace, LONG_PATH))).size).toBe(3),
    change: () => appendFile(join(workspace, LONG_PATH), 'changed\n'),
    files: [`modified ${LONG_PATH}`],
  },
  {
    name: 'links that go in circles, to nowhere and out of it',
    make: async () => {
      await put(source, 'dir/a', 'a\n');
      await symlink('loop', join(source, 'loop'));
      await symlink('two', join(source, 'one'));
      await symlink('one', join(source, 'two'));
      await symlink('..', join(source, 'dir/up'));
      await symlink('nowhere', join(source, 'broken'));
      await symlink('/etc', join(source, 'outside'));
      await commitSource();
    },
    opened: async () => expect(await readlink(join(workspace, 'loop'))).toBe('loop'),
    change: async () => {
      await rm(join(workspace, 'one'));
      await symlink('dir/up/dir/up/one', join(workspace, 'one'));
      await symlink('.', join(workspace, 'here'));
      await rm(join(workspace, 'broken'));
      await put(workspace, 'broken', 'a file now\n');
      await rm(join(workspace, 'dir/a'));
      await symlink('a', join(workspace, 'dir/a'));
    },
    files: ['type-changed broken', 'type-changed dir/a', 'added here', 'modified one'],
  },
  {
    name: 'pipes and sockets, which are never opened',
    make: async () => {
      await put(source, 'a', 'a\n');
      await put(source, 'was', 'a\n');
      await commitSource();
    },
    change: async () => {
      await rm(join(workspace, 'was'));
      await run('mkfifo', [join(workspace, 'was'), join(workspace, 'pipe')]);
      const server = createServer().listen(join(workspace, 'socket'));
      await once(server, 'listening');
      // Closing would take the socket away.
      await rename(join(workspace, 'socket'), join(workspace, 'left'));
      server.close();
      await put(workspace, 'a', 'changed\n');
    },
    files: ['modified a', 'deleted was'],
  },
  {
    name: 'executable bits alone',
    make: async () => {
      await put(source, 'run.sh', '#!/bin/sh\n');
      await put(source, 'data', 'x\n');
      await chmod(join(source, 'data'), 0o755);
      await commitSource();
    },
    change: async () => {
      await chmod(join(workspace, 'run.sh'), 0o755);
      await chmod(join(workspace, 'data'), 0o644);
    },
    files: ['modified data', 'modified run.sh'],
  },
  {
    name: 'CRLF without attributes, kept byte for byte',
    make: async () => {
      await put(source, 'dos.txt', 'a\r\nb\r\n');
      await put(source, 'mixed.txt', 'a\r\nb\n');
      await commitSource();
    },
    opened: async () => expect(await readFile(join(workspace, 'dos.txt'), 'latin1')).toBe('a\r\nb\r\n'),
    change: async () => {
      await appendFile(join(workspace, 'dos.txt'), 'c\r\n');
      await appendFile(join(workspace, 'mixed.txt'), 'c\r\n');
      await put(workspace, 'new.txt', 'x\r\n');
    },
    files: ['modified dos.txt', 'modified mixed.txt', 'added new.txt'],
  },
  {
    name: 'CRLF by attributes',
    make: async () => {
      await put(source, '.gitattributes', '* text=auto\n*.bat text eol=crlf\n*.sh text eol=lf\n');
      await put(source, 'a.bat', 'a\r\nb\r\n');
      await put(source, 'a.sh', 'a\nb\n');
      await put(source, 'sub/.gitattributes', '*.sh -text\n');
      await put(source, 'sub/a.sh', 'a\r\n');
      await commitSource();
    },
    opened: async () => {
      expect(await readFile(join(workspace, 'a.bat'), 'latin1')).toBe('a\r\nb\r\n');
      expect(await readFile(join(workspace, 'sub/a.sh'), 'latin1')).toBe('a\r\n');
    },
    change: async () => {
      await appendFile(join(workspace, 'a.bat'), 'c\r\n');
      await put(workspace, 'a.sh', 'a\r\nb\r\nc\r\n');
      await appendFile(join(workspace, 'sub/a.sh'), 'b\r\n');
      await put(workspace, 'new', 'x\r\n');
    },
    files: ['modified a.bat', 'modified a.sh', 'added new', 'modified sub/a.sh'],
  },
  {
    name: 'the attributes ident and eol together',
    make: async () => {
      await put(source, '.gitattributes', '*.c ident text eol=crlf\n');
      await put(source, 'a.c', '/* $Id$ */\n');
      await commitSource();
    },
    opened: async () =>
      expect(await readFile(join(workspace, 'a.c'), 'latin1')).toMatch(/^\/\* \$Id: \w+ \$ \*\/\r\n$/),
    change: () => appendFile(join(workspace, 'a.c'), 'int x;\r\n'),
    files: ['modified a.c'],
  },
  {
    name: 'no commit yet',
    make: async () => undefined,
    change: () => put(workspace, 'first', 'x\n'),
    files: ['added first'],
  },
  {
    name: 'a default branch called trunk',
    branch: 'trunk',
    make: async () => {
      await git(source, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
      await put(source, 'a', 'a\n');
      await commitSource();
    },
    change: () => put(workspace, 'a', 'b\n'),
    files: ['modified a'],
  },
  {
    name: 'a detached HEAD',
    make: async () => {
      await put(source, 'a', 'a\n');
      await commitSource();
      await git(source, 'checkout', '--quiet', '--detach');
      await git(source, 'branch', '-D', 'main');
    },
    change: () => put(workspace, 'a', 'b\n'),
    files: ['modified a'],
  },
  {
    name: 'a shallow history',
    make: async () => {
      for (const text of ['1', '2', '3']) {
        await put(source, 'a', `${text}\n`);
        await commitSource();
      }
      await git(folder, 'clone', '--quiet', '--depth=1', `file://${source}`, 'shallow');
    },
    from: () => join(folder, 'shallow'),
    change: () => put(workspace, 'a', '4\n'),
    files: ['modified a'],
    after: async () => {
      await put(workspace, 'a', '5\n');
      expect((await commit())?.files).toHaveLength(1);
      expect(await git(workspace, 'rev-list', '--count', 'HEAD')).toBe('3');
    },
  },
  {
    name: 'a name that is not UTF-8, which stays as it is',
    make: async () => {
      await put(source, 'a', 'a\n');
      await writeFile(Buffer.from(`${source}/caf\xe9`, 'latin1'), 'x\n');
      await commitSource();
    },
    opened: async () => {
      const names = await readdir(workspace, { encoding: 'buffer' });
      expect(names.map((name) => name.toString('latin1'))).toContain('caf\xe9');
    },
    change: () => put(workspace, 'a', 'b\n'),
    files: ['modified a'],
  },
];

describe.each(kinds)('a repository with $name', (kind) => {
  it('is cloned, opened, changed and committed as git itself would have done', async () => {
    await initSource();
    await kind.make();
    const { defaultBranch, headSha } = await clone(kind.from?.());
    expect(defaultBranch).toBe(kind.branch ?? 'main');
    expect(await open(defaultBranch)).toEqual({ headSha });
    expect((await door.status(workspace)).changedPaths).toEqual([]);
    await kind.opened?.();

    await kind.change();
    const changed = (await door.status(workspace)).changedPaths;
    const byGit = await treeByGit();
    const made = (await commit()) as Commit;
    expect(made.files.map((file) => `${file.kind} ${file.path}`)).toEqual(kind.files);
    expect(made.skippedPaths).toEqual([]);
    for (const file of made.files) expect(changed).toContain(file.path);
    expect(await git(workspace, 'rev-parse', 'HEAD^{tree}')).toBe(byGit);
    expect(await git(base, 'rev-parse', 'kosuke-chat-one^{tree}')).toBe(byGit);
    expect(await commit()).toBeNull();
    await expectSound();
    await kind.after?.();
  }, 30_000);
});
