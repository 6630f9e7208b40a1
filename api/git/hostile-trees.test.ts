import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { git } from '../test/git-fixture.ts';
import { type HostileWorkspace, hostileWorkspace, SECRET } from '../test/hostile-workspace.ts';
import { GitProcesses } from './git-processes.ts';

const run = promisify(execFile);
const door = new GitProcesses();
let untouched: HostileWorkspace;
let at: HostileWorkspace;

beforeAll(async () => {
  untouched = await hostileWorkspace(door);
});
beforeEach(async () => {
  at = await untouched.copy();
});
afterEach(() => at.remove());
afterAll(async () => {
  await untouched.remove();
  await door.close();
});

const FILE = '100644';
const FOLDER = '40000';
const LINK = '120000';
const SUBMODULE = '160000';

type Entry = [mode: string, name: string, content: string | Entry[]];

/** Git's own tools refuse to make most of these: so the objects are written as bytes. */
async function writeObject(type: 'blob' | 'tree', body: Buffer): Promise<string> {
  const bytes = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
  const sha = createHash('sha1').update(bytes).digest('hex');
  const path = join(at.source, '.git', 'objects', sha.slice(0, 2), sha.slice(2));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, deflateSync(bytes));
  return sha;
}

async function writeTree(entries: Entry[]): Promise<string> {
  const parts: Buffer[] = [];
  for (const [mode, name, content] of entries) {
    const sha =
      mode === SUBMODULE
        ? '1'.repeat(40)
        : typeof content === 'string'
          ? await writeObject('blob', Buffer.from(content))
          : await writeTree(content);
    parts.push(Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex'));
  }
  return await writeObject('tree', Buffer.concat(parts));
}

/** The source's branch holds this tree now, and a new base and workspace are to be made of it. */
async function hostileSource(entries: Entry[]): Promise<void> {
  const commit = await git(at.source, 'commit-tree', '-m', 'x', await writeTree(entries));
  await git(at.source, 'update-ref', 'refs/heads/main', commit);
  await rm(join(at.folder, 'data'), { recursive: true });
  await door.cloneBase({ source: { kind: 'path', path: at.source }, path: at.base });
}

const open = () =>
  door.createWorkspace(
    { basePath: at.base, path: at.workspace, branch: 'kosuke-chat-one', baseBranch: 'main' },
    { deadlineMs: 20_000 },
  );

const HOOKS: Entry[] = [[FOLDER, 'hooks', [['100755', 'post-checkout', '#!/bin/sh\n']]]];

interface HostileTree {
  name: string;
  tree: () => Entry[];
  /** What git's own check says of it: proof that it is what it is meant to be. */
  gitSays: string;
  refused: RegExp;
}

const trees: HostileTree[] = [
  ...['.git', '.GIT', '.git ', '.git...', 'git~1', '.git::$INDEX_ALLOCATION'].map((name) => ({
    name: `a folder called "${name}"`,
    tree: (): Entry[] => [
      [FOLDER, name, HOOKS],
      [FILE, 'a', 'a'],
    ],
    gitSays: 'hasDotgit',
    refused: /keeps for itself/,
  })),
  {
    name: 'a folder called ".GiT" further down',
    tree: () => [[FOLDER, 'sub', [[FOLDER, '.GiT', HOOKS]]]],
    gitSays: 'hasDotgit',
    refused: /"sub\/\.GiT"/,
  },
  {
    name: 'a file called ".git"',
    tree: () => [[FILE, '.git', `gitdir: ${at.outside}/.git\n`]],
    gitSays: 'hasDotgit',
    refused: /keeps for itself/,
  },
  {
    name: 'a link called ".git"',
    tree: () => [[LINK, '.git', `${at.outside}/.git`]],
    gitSays: 'hasDotgit',
    refused: /keeps for itself/,
  },
  {
    name: 'a submodule called ".git"',
    tree: () => [[SUBMODULE, '.git', '']],
    gitSays: 'hasDotgit',
    refused: /keeps for itself/,
  },
  {
    name: 'a folder called ".."',
    tree: () => [[FOLDER, '..', [[FILE, 'outside', 'x']]]],
    gitSays: 'hasDotdot',
    refused: /keeps for itself/,
  },
  {
    name: 'a folder called "."',
    tree: () => [[FOLDER, '.', [[FILE, 'a', 'x']]]],
    gitSays: 'hasDot',
    refused: /keeps for itself/,
  },
  {
    name: 'a file called "../outside/secret.txt"',
    tree: () => [[FILE, '../outside/secret.txt', 'x']],
    gitSays: 'fullPathname',
    refused: /keeps for itself/,
  },
  {
    name: 'a file called by an absolute path',
    tree: () => [[FILE, join(at.outside, 'secret.txt'), 'x']],
    gitSays: 'fullPathname',
    refused: /keeps for itself/,
  },
  {
    name: 'a file called ".git/hooks/post-checkout"',
    tree: () => [[FILE, '.git/hooks/post-checkout', 'x']],
    gitSays: 'fullPathname',
    refused: /keeps for itself/,
  },
  {
    name: 'a name with nothing in it',
    tree: () => [[FILE, '', 'x']],
    gitSays: '',
    refused: /damaged/,
  },
  {
    name: 'a link and a folder of one name, to write through the link',
    tree: () => [
      [LINK, 'd', at.outside],
      [FOLDER, 'd', [[FILE, 'secret.txt', 'x']]],
    ],
    gitSays: 'duplicateEntries',
    refused: /"d", twice/,
  },
  {
    name: 'a link called ".gitmodules"',
    tree: () => [[LINK, '.gitmodules', join(at.outside, 'secret.txt')]],
    gitSays: 'gitmodulesSymlink',
    refused: /is a link/,
  },
  {
    name: 'a link called ".gitattributes" that leads outside',
    tree: () => [
      [LINK, '.gitattributes', join(at.outside, 'secret.txt')],
      [FILE, 'a', 'a'],
    ],
    gitSays: 'gitattributesSymlink',
    refused: /leads out of the workspace/,
  },
];

describe.each(trees)('a source with $name', ({ tree, gitSays, refused }) => {
  it('makes no workspace, and nothing is written anywhere', async () => {
    const expectUntouched = await at.watch();
    await hostileSource(tree());
    const failure = await open().then(
      () => null,
      (error: { code: string; message: string }) => error,
    );
    expect(failure?.message).toMatch(refused);
    expect(['unsafe-tree', 'not-a-repository']).toContain(failure?.code);
    expect(await readdir(join(at.folder, 'data'))).toEqual(['main']);
    await expectUntouched();
    const said = await run('git', ['fsck', '--strict'], { cwd: at.source }).catch((error: { stderr: string }) => error);
    expect(said.stderr).toContain(gitSays);
  });
});

it('a name that only another file system takes for .git is a name like any other, and the real .git stays as it is', async () => {
  await hostileSource([[FOLDER, '.g\u200cit', HOOKS]]);
  await open();
  expect(await readdir(join(at.workspace, '.git', 'hooks'))).not.toContain('post-checkout');
  expect(await readFile(join(at.workspace, '.g\u200cit', 'hooks', 'post-checkout'), 'utf8')).toBe('#!/bin/sh\n');
});

interface TreeTrap {
  name: string;
  plant(): Promise<unknown>;
  control(): Promise<boolean>;
}

const path = (name: string) => join(at.workspace, name);
const reads = async (name: string) => (await readFile(path(name), 'latin1')).includes(SECRET);
const waits = (name: string) =>
  run('cat', [path(name)], { timeout: 300 }).then(
    () => false,
    (error: { killed?: boolean }) => error.killed === true,
  );
const pipe = (name: string) => run('mkfifo', [path(name)]);
const INTO_NOT_TEXT = `d=$(printf 'd\\377') && mkdir -p "$d" && cd "$d"`;

const treeTraps: TreeTrap[] = [
  ...['.gitignore', '.gitattributes', '.gitmodules'].flatMap((name) => [
    {
      name: `${name} as a link to a file outside`,
      plant: () => symlink(join(at.outside, 'secret.txt'), path(name)),
      control: () => reads(name),
    },
    { name: `${name} as a pipe`, plant: () => pipe(name), control: () => waits(name) },
  ]),
  {
    name: '.gitignore as a pipe, far down',
    plant: async () => {
      await mkdir(path('a/b/c'), { recursive: true });
      await pipe('a/b/c/.gitignore');
    },
    control: () => waits('a/b/c/.gitignore'),
  },
  {
    name: '.gitignore as a link to a pipe',
    plant: async () => {
      await pipe('pipe');
      await symlink('pipe', path('.gitignore'));
    },
    control: () => waits('.gitignore'),
  },
  {
    name: '.gitignore as a pipe in a folder whose name is no text',
    plant: () => run('sh', ['-c', `${INTO_NOT_TEXT} && mkfifo .gitignore`], { cwd: at.workspace }),
    control: () =>
      run('sh', ['-c', `${INTO_NOT_TEXT} && exec cat .gitignore`], { cwd: at.workspace, timeout: 300 }).then(
        () => false,
        (error: { killed?: boolean }) => error.killed === true,
      ),
  },
  {
    name: 'a .gitignore of many megabytes',
    plant: () => writeFile(path('.gitignore'), `/${'x'.repeat(1000)}\n`.repeat(6000)),
    control: async () => (await readFile(path('.gitignore'))).length > 5_000_000,
  },
];

describe.each(treeTraps)('$name', ({ plant, control }) => {
  it('is refused with its name: nothing outside is read, and nobody waits', async () => {
    await plant();
    const expectUntouched = await at.watch();
    await at.put('new.txt', 'x\n');
    expect(await at.tryAll()).toEqual([
      { operation: 'status', code: 'unsafe-tree' },
      { operation: 'branchState', code: 'unsafe-tree' },
      { operation: 'commitAll', code: 'unsafe-tree' },
      { operation: 'branches', code: 'done' },
    ]);
    await expect(at.commit()).rejects.toThrow(/Git would read ".*\.git(ignore|attributes|modules)"/);
    await expectUntouched();
    expect(await control()).toBe(true);
  });
});

it('links between such files inside the workspace, and broken ones, are nothing to be afraid of', async () => {
  await at.put('shared/ignore', 'x.log\n');
  await symlink('shared/ignore', path('.gitignore'));
  await symlink('nowhere', path('shared/.gitignore'));
  await at.put('x.log', 'x');
  expect((await at.commit())?.files.map((file) => file.path)).toEqual([
    '.gitignore',
    'shared/.gitignore',
    'shared/ignore',
  ]);
});

describe('paths that cannot be read', () => {
  it('because they are too long are named and left out', async () => {
    const parts = Array.from({ length: 21 }, () => 'd'.repeat(200));
    const script = `${parts.map((part) => `mkdir ${part} && cd -P ${part}`).join(' && ')} && echo x > file`;
    await run('sh', ['-c', script], { cwd: at.workspace });
    await at.put('new.txt', 'x\n');
    const made = await at.commit();
    expect(made?.files.map((file) => file.path)).toEqual(['new.txt']);
    expect(made?.skippedPaths).toEqual([expect.stringMatching(/^d{200}\/d{200}/)]);
    await run('sh', ['-c', `rm -rf d*`], { cwd: at.workspace });
  });

  it('are not named when they are ignored', async () => {
    await at.put('.gitignore', 'closed/\n');
    await mkdir(path('closed'), { mode: 0 });
    const made = await at.commit();
    await run('chmod', ['700', path('closed')]);
    expect(made?.skippedPaths).toEqual([]);
  });
});

describe('a source on this disk', () => {
  const clone = (keepOutOf?: string) =>
    door.cloneBase({
      source: { kind: 'path', path: at.source, ...(keepOutOf ? { keepOutOf } : {}) },
      path: join(at.folder, 'copy'),
    });

  const borrowed: Record<string, () => Promise<unknown>> = {
    'borrows objects': () =>
      writeFile(join(at.source, '.git', 'objects', 'info', 'alternates'), join(at.outside, '.git', 'objects')),
    'borrows objects of one that borrows them': async () => {
      await git(at.folder, 'clone', '--quiet', '--shared', at.outside, 'between');
      const objects = join(at.folder, 'between', '.git', 'objects');
      await writeFile(join(at.source, '.git', 'objects', 'info', 'alternates'), objects);
    },
    'has the objects of another as its own': async () => {
      await rm(join(at.source, '.git', 'objects'), { recursive: true });
      await symlink(join(at.outside, '.git', 'objects'), join(at.source, '.git', 'objects'));
      await git(at.source, 'update-ref', 'refs/heads/main', await git(at.outside, 'rev-parse', 'HEAD'));
    },
    'is another one in disguise': async () => {
      await rm(join(at.source, '.git'), { recursive: true });
      await writeFile(join(at.source, '.git'), `gitdir: ${join(at.outside, '.git')}\n`);
    },
  };

  it.each(Object.keys(borrowed))(
    'that %s is refused where that is not for everyone, and taken elsewhere',
    async (name) => {
      await borrowed[name]?.();
      await expect(clone(at.outside)).rejects.toMatchObject({ code: 'rejected' });
      expect(await readdir(at.folder)).not.toContain('copy');
      await clone(join(at.folder, 'data'));
      const stored = await git(join(at.folder, 'copy'), 'cat-file', '--batch-all-objects', '--batch');
      expect(stored).toContain(SECRET);
    },
  );

  it('brings no file along that is none of git, whatever it is called', async () => {
    const objects = join(at.source, '.git', 'objects');
    const name = `pack-${'a'.repeat(40)}`;
    await mkdir(join(objects, 'pack'), { recursive: true });
    await symlink(join(at.outside, 'secret.txt'), join(objects, 'pack', `${name}.pack`));
    await run('mkfifo', [join(objects, 'pack', `${name}.idx`)]);
    await mkdir(join(objects, 'ff'), { recursive: true });
    await symlink(join(at.outside, 'secret.txt'), join(objects, 'ff', 'f'.repeat(38)));
    await symlink(join(at.outside, 'secret.txt'), join(at.source, '.git', 'shallow'));
    await clone().catch(() => undefined);
    const copied = await readdir(join(at.folder, 'copy'), { recursive: true }).catch(() => []);
    expect(copied.filter((each) => each.includes(name) || each.includes('fff') || each.endsWith('shallow'))).toEqual(
      [],
    );
    expect(await readFile(join(at.source, '.git', 'shallow'), 'utf8')).toContain(SECRET);
  });
});
