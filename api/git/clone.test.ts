import { statSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { git } from '../test/git-fixture.ts';
import type { BaseRepository, GitProgress } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-clone-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

async function makeSource(name = 'source', branch = 'main'): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await git(path, 'init', '--quiet', `--initial-branch=${branch}`);
  return path;
}

async function addCommit(path: string, file: string): Promise<string> {
  await writeFile(join(path, file), `${file}\n`);
  await git(path, 'add', '--all');
  await git(path, 'commit', '--quiet', `--message=${file}`);
  return await git(path, 'rev-parse', 'HEAD');
}

function clonePath(source: string, to = join(folder, 'base')): Promise<BaseRepository> {
  return door.cloneBase({ source: { kind: 'path', path: source }, path: to });
}

describe('a base repository from a local path', () => {
  it('has all branches and tags of the source, and the default branch whatever its name', async () => {
    const source = await makeSource('with spaces and ünïcode', 'trunk');
    const first = await addCommit(source, 'one');
    await git(source, 'branch', 'feature/x');
    await git(source, 'tag', '-a', 'v1', '-m', 'v1');
    const head = await addCommit(source, 'two');

    const base = join(folder, 'deep er', 'bäse');
    expect(await clonePath(source, base)).toEqual({ defaultBranch: 'trunk', headSha: head });
    expect(await door.branches(base)).toEqual([
      { name: 'feature/x', commitSha: first },
      { name: 'trunk', commitSha: head },
    ]);
    expect(await git(base, 'rev-parse', 'v1^{commit}')).toBe(first);
    expect(await git(base, 'config', 'core.bare')).toBe('true');
    expect(await git(base, 'fsck', '--strict')).toBe('');
  });

  it('needs nothing of the source afterwards, also where the source borrows objects itself', async () => {
    const lender = await makeSource('lender');
    const head = await addCommit(lender, 'one');
    await git(lender, 'gc', '--quiet');
    const source = join(folder, 'borrower');
    await git(folder, 'clone', '--quiet', '--shared', lender, source);
    await clonePath(source);
    await rm(lender, { recursive: true });
    await rm(source, { recursive: true });
    const base = join(folder, 'base');
    expect(await git(base, 'fsck', '--strict')).toBe('');
    expect(await git(base, 'rev-parse', 'main')).toBe(head);
    expect(await readdir(join(base, 'objects', 'info'))).not.toContain('alternates');
  });

  it.each(['bare', 'worktree', 'detached', 'shallow', 'packed refs'])('takes a source that is %s', async (kind) => {
    const source = await makeSource();
    await addCommit(source, 'one');
    const head = await addCommit(source, 'two');
    let path = source;
    let branch = 'main';
    if (kind === 'bare') {
      path = join(folder, 'bare.git');
      await git(folder, 'clone', '--quiet', '--bare', source, path);
    }
    if (kind === 'worktree') {
      path = join(folder, 'tree');
      branch = 'side';
      await git(source, 'worktree', 'add', '--quiet', '-b', branch, path);
    }
    if (kind === 'detached') await git(source, 'checkout', '--quiet', '--detach');
    if (kind === 'shallow') {
      path = join(folder, 'shallow');
      await git(folder, 'clone', '--quiet', '--depth=1', `file://${source}`, path);
    }
    if (kind === 'packed refs') await git(source, 'pack-refs', '--all');
    expect(await clonePath(path)).toEqual({ defaultBranch: branch, headSha: head });
    expect(await git(join(folder, 'base'), 'fsck')).toBe('');
  });

  it('gives a commit that is on no branch a branch', async () => {
    const source = await makeSource();
    const head = await addCommit(source, 'one');
    await git(source, 'checkout', '--quiet', '--detach');
    await git(source, 'branch', '-D', 'main');
    expect(await clonePath(source)).toEqual({ defaultBranch: 'main', headSha: head });
    expect(await door.branches(join(folder, 'base'))).toEqual([{ name: 'main', commitSha: head }]);
  });

  it('may have no commit yet', async () => {
    const source = await makeSource('source', 'begin');
    expect(await clonePath(source)).toEqual({ defaultBranch: 'begin', headSha: null });
    expect(await door.branches(join(folder, 'base'))).toEqual([]);
  });

  it('is refused with a reason, and leaves nothing behind', async () => {
    await mkdir(join(folder, 'plain'));
    await expect(clonePath(join(folder, 'plain'))).rejects.toMatchObject({ code: 'not-a-repository' });
    await expect(clonePath(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-a-repository' });

    const inside = join(await makeSource('outer'), 'inside');
    await mkdir(inside);
    await expect(clonePath(inside)).rejects.toMatchObject({ code: 'not-a-repository' });

    const damaged = await makeSource('damaged');
    const sha = await addCommit(damaged, 'one');
    await rm(join(damaged, '.git', 'objects', sha.slice(0, 2), sha.slice(2)));
    await expect(clonePath(damaged)).rejects.toMatchObject({ code: 'not-a-repository' });

    const modern = await makeSource('modern');
    await appendFile(
      join(modern, '.git', 'config'),
      '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n',
    );
    await expect(clonePath(modern)).rejects.toMatchObject({ code: 'not-a-repository' });

    expect((await readdir(folder)).sort()).toEqual(['damaged', 'modern', 'outer', 'plain']);
  });

  it('never replaces what is there already', async () => {
    const source = await makeSource();
    await addCommit(source, 'one');
    await mkdir(join(folder, 'base'));
    await writeFile(join(folder, 'base', 'mine'), 'kept');
    await expect(clonePath(source)).rejects.toMatchObject({ code: 'exists' });
    expect(await readFile(join(folder, 'base', 'mine'), 'utf8')).toBe('kept');
  });

  const checkout = fileURLToPath(new URL('../../', import.meta.url));
  const ownsCheckout =
    (statSync(join(checkout, '.git'), { throwIfNoEntry: false })?.uid ?? process.getuid?.()) === process.getuid?.();
  // Nobody but root can give a folder away, so the one at hand is this checkout, where the tests run as another account.
  (ownsCheckout ? it.skip : it)(
    'copies a source that belongs to another account (skipped: all here is ours)',
    async () => {
      const base = await clonePath(checkout);
      expect(base.headSha).toMatch(/^[0-9a-f]{40}$/);
      expect(statSync(join(folder, 'base')).uid).toBe(process.getuid?.());
      // What is written to later must still be ours.
      await expect(door.status(checkout)).rejects.toMatchObject({ code: 'unsafe-owner' });
    },
    60_000,
  );

  it('tells how far it is', async () => {
    const source = await makeSource();
    await addCommit(source, 'one');
    const seen: GitProgress[] = [];
    await door.cloneBase(
      { source: { kind: 'path', path: source }, path: join(folder, 'base') },
      { onProgress: (progress) => seen.push(progress) },
    );
    expect(seen[0]).toEqual({ phase: expect.any(String) });
  });
});

describe('a base repository from a template', () => {
  const author = { name: 'Mika', email: 'mika@example.com' };

  it('holds the files in one commit of the user', async () => {
    const path = join(folder, 'base');
    const files = [
      { path: 'README.md', content: '# Hé\n' },
      { path: 'src/a/b.txt', content: '' },
    ];
    const base = await door.initBase({ path, defaultBranch: 'main', files, author, message: 'Begin' });
    expect(base.defaultBranch).toBe('main');
    expect(await git(path, 'log', '--format=%H|%an <%ae>|%s')).toBe(`${base.headSha}|Mika <mika@example.com>|Begin`);
    expect(await git(path, 'show', 'main:README.md')).toBe('# Hé');
    expect(await git(path, 'ls-tree', '-r', '--name-only', 'main')).toBe('README.md\nsrc/a/b.txt');
    expect(await git(path, 'fsck', '--strict')).toBe('');
  });

  it('may begin without a commit', async () => {
    const path = join(folder, 'base');
    const base = await door.initBase({ path, defaultBranch: 'main', files: [], author, message: '' });
    expect(base).toEqual({ defaultBranch: 'main', headSha: null });
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it.each(['', '-x', 'a..b', 'a b', '../up', 'x.lock', 'a\nb', 'HEAD'])('refuses the branch name %j', async (name) => {
    const input = { path: join(folder, 'base'), defaultBranch: name, files: [], author, message: '' };
    await expect(door.initBase(input)).rejects.toMatchObject({ code: 'invalid-name' });
  });
});
