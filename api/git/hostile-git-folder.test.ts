import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

interface Trap {
  name: string;
  plant(): Promise<unknown>;
  /** Whether the trap works on whoever walks into it: on the git command line, or on a program that trusts the path. */
  control(): Promise<boolean>;
}

const dotGit = (path = '') => join(at.workspace, '.git', path);
const theirs = (path = '') => join(at.outside, '.git', path);
const setting = (text: string) => appendFile(dotGit('config'), `${text}\n`);

async function link(path: string, target: string): Promise<void> {
  await rm(dotGit(path), { recursive: true, force: true });
  await mkdir(join(dotGit(path), '..'), { recursive: true });
  await symlink(target, dotGit(path));
}

const inWorkspace = (...args: string[]) => git(at.workspace, ...args);
const readsTheirs = async () => (await inWorkspace('show', 'theirs:secret.txt').catch(() => '')) === SECRET;
const headIsTheirs = async () =>
  (await inWorkspace('rev-parse', 'HEAD')) === (await git(at.outside, 'rev-parse', 'HEAD'));
const hasTheirCommit = async () =>
  (await inWorkspace('cat-file', '-t', await git(at.outside, 'rev-parse', 'HEAD')).catch(() => '')) === 'commit';
const isIgnored = async (path: string) => (await inWorkspace('check-ignore', path).catch(() => '')) === path;

/** Whether what git does now changes a file outside. */
async function writesOutside(path: string, ...args: string[]): Promise<boolean> {
  const before = await readFile(path, 'latin1').catch(() => null);
  await inWorkspace(...args).catch(() => undefined);
  return (await readFile(path, 'latin1').catch(() => null)) !== before;
}

/** Whether somebody who opens it waits, for as long as it takes to be sure. */
const waits = async (path: string) =>
  await run('cat', [dotGit(path)], { timeout: 300 }).then(
    () => false,
    (error: { killed?: boolean }) => error.killed === true,
  );

async function pipe(path: string): Promise<void> {
  await rm(dotGit(path), { recursive: true, force: true });
  await mkdir(join(dotGit(path), '..'), { recursive: true });
  await run('mkfifo', [dotGit(path)]);
}

const traps: Trap[] = [
  {
    name: 'objects/info/alternates, absolute',
    plant: () => writeFile(dotGit('objects/info/alternates'), `${theirs('objects')}\n`),
    control: hasTheirCommit,
  },
  {
    name: 'objects/info/alternates, relative',
    plant: () => writeFile(dotGit('objects/info/alternates'), '../../../../outside/.git/objects\n'),
    control: hasTheirCommit,
  },
  {
    name: 'commondir',
    plant: () => writeFile(dotGit('commondir'), '../../../outside/.git\n'),
    control: readsTheirs,
  },
  {
    name: 'core.worktree',
    plant: () => setting(`[core]\n\tworktree = ${at.outside}`),
    control: async () => (await inWorkspace('status', '--porcelain')).includes('secret.txt'),
  },
  {
    name: 'core.worktree behind a section on the same line',
    plant: () => setting(`[branch "x\\"]"] [core] worktree = ${at.outside}`),
    control: async () => (await inWorkspace('status', '--porcelain')).includes('secret.txt'),
  },
  {
    name: '.git as a file that names another one',
    plant: async () => {
      await rm(dotGit(), { recursive: true });
      await writeFile(join(at.workspace, '.git'), `gitdir: ${theirs()}\n`);
    },
    control: headIsTheirs,
  },
  {
    name: '.git as a link',
    plant: async () => {
      await rm(dotGit(), { recursive: true });
      await symlink(theirs(), join(at.workspace, '.git'));
    },
    control: headIsTheirs,
  },
  {
    name: 'HEAD as a link',
    plant: () => link('HEAD', theirs('HEAD')),
    control: async () => (await readFile(dotGit('HEAD'), 'utf8')).includes('theirs'),
  },
  {
    name: 'packed-refs as a link',
    plant: async () => {
      await git(at.outside, 'pack-refs', '--all');
      await link('packed-refs', theirs('packed-refs'));
      await git(at.outside, 'update-ref', 'refs/heads/theirs', 'HEAD');
    },
    control: async () => (await inWorkspace('rev-parse', 'theirs')) === (await git(at.outside, 'rev-parse', 'theirs')),
  },
  {
    name: 'refs/heads as a link',
    plant: () => link('refs/heads', theirs('refs/heads')),
    control: () => writesOutside(theirs('refs/heads/new'), 'update-ref', 'refs/heads/new', 'refs/remotes/origin/main'),
  },
  {
    name: 'a branch as a link',
    plant: () => link('refs/heads/kosuke-chat-one', theirs('refs/heads/theirs')),
    control: headIsTheirs,
  },
  {
    name: 'index as a link',
    plant: () => link('index', theirs('index')),
    control: () => writesOutside(theirs('index'), 'add', '--all'),
  },
  {
    name: 'objects as a link',
    plant: () => link('objects', theirs('objects')),
    control: hasTheirCommit,
  },
  {
    name: 'objects/pack as a link',
    plant: async () => {
      await git(at.outside, 'gc', '--quiet');
      await link('objects/pack', theirs('objects/pack'));
    },
    control: hasTheirCommit,
  },
  {
    name: 'a folder of objects as a link',
    plant: async () => {
      const head = await git(at.outside, 'rev-parse', 'HEAD');
      await link(`objects/${head.slice(0, 2)}`, theirs(`objects/${head.slice(0, 2)}`));
    },
    control: hasTheirCommit,
  },
  {
    name: 'logs as a link',
    plant: async () => {
      await mkdir(theirs('logs/refs/heads'), { recursive: true });
      await link('logs', theirs('logs'));
    },
    control: () => writesOutside(theirs('logs/HEAD'), 'commit', '--quiet', '--allow-empty', '--message=x'),
  },
  {
    name: 'a log as a link',
    plant: () => link('logs/refs/heads/kosuke-chat-one', join(at.outside, 'secret.txt')),
    control: () => writesOutside(join(at.outside, 'secret.txt'), 'commit', '--quiet', '--allow-empty', '--message=x'),
  },
  {
    name: 'the scratch folder of a commit as a link',
    plant: () => link('kosuke-staging', at.outside),
    control: async () => (await readFile(dotGit('kosuke-staging/secret.txt'), 'utf8')).includes(SECRET),
  },
  {
    name: 'info/exclude as a link',
    plant: () => link('info/exclude', join(at.outside, 'secret.txt')),
    control: () => isIgnored(SECRET),
  },
  {
    name: 'info/attributes as a link',
    plant: async () => link('info/attributes', join(at.outside, 'secret.txt')),
    control: async () => (await readFile(dotGit('info/attributes'), 'utf8')).includes(SECRET),
  },
  {
    name: 'core.excludesFile',
    plant: () => setting(`[core]\n\texcludesFile = ${join(at.outside, 'secret.txt')}`),
    control: () => isIgnored(SECRET),
  },
  {
    name: 'core.attributesFile',
    plant: async () => {
      await writeFile(join(at.folder, 'attributes'), '*.txt text eol=crlf\n');
      await setting(`[CORE] AttributesFile=${join(at.folder, 'attributes')}`);
    },
    control: async () => (await inWorkspace('check-attr', 'eol', 'a.txt')).endsWith('crlf'),
  },
  {
    name: 'core.autocrlf',
    plant: () => setting('[core]\n\tautocrlf'),
    control: async () => {
      await at.put('crlf', 'a\r\n');
      const stored = await inWorkspace('hash-object', 'crlf');
      return stored !== (await inWorkspace('hash-object', '--no-filters', 'crlf'));
    },
  },
  ...['include', 'includeIf "gitdir:**"'].map((section) => ({
    name: `[${section}] of a file outside`,
    plant: async () => {
      await writeFile(join(at.folder, 'settings'), '[user]\n\tname = Included\n');
      await setting(`[${section}]\n\tpath = ${join(at.folder, 'settings')}`);
    },
    control: async () => (await inWorkspace('config', 'user.name')) === 'Included',
  })),
  {
    name: 'settings for this work tree alone',
    plant: async () => {
      await setting('[extensions]\n\tworktreeConfig = true');
      await writeFile(dotGit('config.worktree'), `[core]\n\tworktree = ${at.outside}\n`);
    },
    control: async () => (await inWorkspace('rev-parse', '--show-toplevel')) === at.outside,
  },
  {
    name: 'settings that include themselves',
    plant: () => setting('[include]\n\tpath = config'),
    control: async () => (await inWorkspace('status').catch(() => 'failed')) === 'failed',
  },
  {
    name: 'settings without end',
    plant: () => setting(`[x]\n${'\ta = b\n'.repeat(100_000)}`),
    control: async () => (await readFile(dotGit('config'))).length > 500_000,
  },
  ...[
    'HEAD',
    'config',
    'packed-refs',
    'index',
    'shallow',
    'info/exclude',
    'refs/heads/kosuke-chat-one',
    'logs/HEAD',
  ].map((path) => ({ name: `${path} as a pipe`, plant: () => pipe(path), control: () => waits(path) })),
];

describe.each(traps)('$name in the git folder of a workspace', ({ plant, control }) => {
  it('is refused: nothing is read, written or waited for', async () => {
    await plant();
    const expectUntouched = await at.watch();
    await at.put('new.txt', 'x\n');
    const outcomes = await at.tryAll();
    expect(outcomes).toEqual([
      { operation: 'status', code: expect.stringMatching(/^(unsafe-tree|not-a-repository)$/) },
      { operation: 'branchState', code: expect.stringMatching(/^(unsafe-tree|not-a-repository)$/) },
      { operation: 'commitAll', code: expect.stringMatching(/^(unsafe-tree|not-a-repository)$/) },
      { operation: 'branches', code: 'done' },
    ]);
    await expectUntouched();
    expect(await control()).toBe(true);
  });
});
