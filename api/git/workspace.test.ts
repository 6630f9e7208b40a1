import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import type { WorkspaceHead } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
let folder: string;
let source: string;
let base: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-workspace-'));
  source = join(folder, 'source');
  base = join(folder, 'base');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

async function commitSource(message: string): Promise<string> {
  await git(source, 'add', '--all');
  await git(source, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return await git(source, 'rev-parse', 'HEAD');
}

const cloneSource = () => door.cloneBase({ source: { kind: 'path', path: source }, path: base });

const input = (name: string, baseBranch: string, hiddenBranchPrefix?: string) => {
  const path = join(folder, name);
  return { basePath: base, path, branch: `kosuke-chat-${name}`, baseBranch, hiddenBranchPrefix };
};

type Create = (name?: string, baseBranch?: string, hiddenBranchPrefix?: string) => Promise<WorkspaceHead>;

const fromScratch: Create = (name = 'one', baseBranch = 'main', hiddenBranchPrefix) =>
  door.createWorkspace(input(name, baseBranch, hiddenBranchPrefix));

const fromSpare: Create = async (name = 'one', baseBranch = 'main', hiddenBranchPrefix) => {
  const sparePath = join(folder, `.spare-${name}-${randomBytes(4).toString('hex')}`);
  const spare = await door.makeSpare({ basePath: base, path: sparePath, baseBranch: 'main', hiddenBranchPrefix });
  const wanted = input(name, baseBranch, hiddenBranchPrefix);
  try {
    return (spare && (await door.handOver({ ...wanted, sparePath }))) ?? (await door.createWorkspace(wanted));
  } finally {
    await rm(sparePath, { recursive: true, force: true });
  }
};

const WAYS: { way: string; create: Create }[] = [
  { way: 'made from scratch', create: fromScratch },
  { way: 'made of a spare', create: fromSpare },
];

describe.each(WAYS)('a workspace $way', ({ create }) => {
  it('is a whole clone on a branch of its own, as git itself would have made it', async () => {
    await writeFile(join(source, 'plain.txt'), 'a\n');
    await writeFile(join(source, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await git(source, 'config', 'core.symlinks', 'true');
    await (await import('node:fs/promises')).symlink('plain.txt', join(source, 'link'));
    await writeFile(join(source, 'ends.txt'), 'a\nb\n');
    await writeFile(join(source, '.gitattributes'), 'ends.txt text eol=crlf\n');
    await mkdir(join(source, 'ünï cöde'));
    await writeFile(join(source, 'ünï cöde', 'new\nline'), 'x');
    const head = await commitSource('one');
    await git(source, 'tag', 'v1');
    await cloneSource();

    expect(await create()).toEqual({ headSha: head });
    const path = join(folder, 'one');
    expect(await git(path, 'status', '--porcelain')).toBe('');
    expect(await git(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/kosuke-chat-one');
    expect(await git(path, 'fsck', '--strict')).toBe('');
    expect(await git(path, 'rev-parse', 'v1')).toBe(head);
    expect(await readlink(join(path, 'link'))).toBe('plain.txt');
    expect(await readFile(join(path, 'ends.txt'), 'utf8')).toBe('a\r\nb\r\n');
    expect((await stat(join(path, 'run.sh'))).mode & 0o111).toBe(0o111);
    expect((await stat(join(path, 'plain.txt'))).mode & 0o111).toBe(0);
    expect(await readFile(join(path, 'ünï cöde', 'new\nline'), 'utf8')).toBe('x');
    expect(await door.status(path)).toEqual({ headSha: head, branch: 'kosuke-chat-one', changedPaths: [] });
  });

  it('shares object files with the base by hard links, and needs the base no more', async () => {
    await writeFile(join(source, 'a'), 'a');
    await commitSource('one');
    await git(source, 'gc', '--quiet');
    await writeFile(join(source, 'b'), 'b');
    const head = await commitSource('two');
    await cloneSource();
    await create();
    const loose = join('objects', head.slice(0, 2), head.slice(2));
    expect((await stat(join(folder, 'one', '.git', loose))).ino).toBe((await stat(join(base, loose))).ino);
    await rm(base, { recursive: true });
    await rm(source, { recursive: true });
    expect(await git(join(folder, 'one'), 'fsck', '--strict')).toBe('');
    expect(await readdir(join(folder, 'one', '.git', 'objects', 'info'))).not.toContain('alternates');
  });

  it('shows the branches of the base but those of other sessions, and tells nothing about the server', async () => {
    const head = await commitSource('one');
    await git(source, 'branch', 'feature');
    await git(source, 'branch', 'kosuke-chat-other');
    await cloneSource();
    await create('one', 'feature', 'kosuke-chat-');
    const path = join(folder, 'one');
    expect(await git(path, 'for-each-ref', '--format=%(objectname) %(refname)')).toBe(
      [
        `${head} refs/heads/kosuke-chat-one`,
        `${head} refs/remotes/origin/feature`,
        `${head} refs/remotes/origin/main`,
      ].join('\n'),
    );
    expect(await git(path, 'config', '--list', '--local')).not.toContain(folder);
  });

  it('begins without a commit where the repository has none, also after another session made the first', async () => {
    await cloneSource();
    expect(await create()).toEqual({ headSha: null });
    expect(await git(join(folder, 'one'), 'symbolic-ref', 'HEAD')).toBe('refs/heads/kosuke-chat-one');
    await git(source, 'checkout', '--quiet', '-b', 'kosuke-chat-two');
    await commitSource('one');
    await git(base, 'fetch', '--quiet', source, 'kosuke-chat-two:kosuke-chat-two');
    expect(await create('three')).toEqual({ headSha: null });
  });

  it('is refused whole when its base branch is gone, its name is bad or its place taken', async () => {
    await commitSource('one');
    await cloneSource();
    await expect(create('one', 'gone')).rejects.toMatchObject({ code: 'not-found' });
    await expect(create('a..b')).rejects.toMatchObject({ code: 'invalid-name' });
    await create('two');
    await expect(create('two')).rejects.toMatchObject({ code: 'exists' });
    expect((await readdir(folder)).sort()).toEqual(['base', 'source', 'two']);
  });

  it('made twice at once is made once', async () => {
    await commitSource('one');
    await cloneSource();
    const results = await Promise.allSettled([create(), create()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await git(join(folder, 'one'), 'status', '--porcelain')).toBe('');
  });
});
