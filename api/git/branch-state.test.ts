import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import type { CompareBranchesInput } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
const BRANCH = 'kosuke-chat-one';
let folder: string;
let source: string;
let base: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-branch-'));
  source = join(folder, 'source');
  base = join(folder, 'base');
  path = join(folder, 'one');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

/** A base with these files on main, and a workspace cut from it. */
async function begin(files: Record<string, string> = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' }) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(source, name), content);
  await commit(source, 'one');
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await door.createWorkspace({ basePath: base, path, branch: BRANCH, baseBranch: 'main' });
}

async function commit(where: string, message: string): Promise<string> {
  await git(where, 'add', '--all');
  await git(where, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return await git(where, 'rev-parse', 'HEAD');
}

const state = (maxFiles = 200) => door.branchState({ path, basePath: base, branch: BRANCH, maxFiles });

async function compare(input: Partial<CompareBranchesInput> = {}) {
  const { branchSha } = await state();
  const common = { basePath: base, branch: BRANCH, branchSha, baseBranch: 'main', maxConflicts: 200, known: null };
  return await door.compareBranches({ ...common, ...input });
}

/** Lets the base branch of the base repository move on, as a fetch does. */
async function moveBase(files: Record<string, string>): Promise<string> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(source, name), content);
  const sha = await commit(source, 'moved');
  await git(source, 'push', '--quiet', base, 'main');
  return sha;
}

describe('the state of a branch', () => {
  it('names what is not committed, and what happened to it', async () => {
    await begin();
    const head = await git(path, 'rev-parse', 'HEAD');
    expect(await state()).toEqual({
      ...{ currentBranch: BRANCH, headSha: head, branchSha: head },
      ...{ changedFiles: [], changedFileCount: 0 },
    });
    await writeFile(join(path, 'a.txt'), 'changed\n');
    await rm(join(path, 'b.txt'));
    await rm(join(path, 'c.txt'));
    await mkdir(join(path, 'new'));
    await writeFile(join(path, 'new', 'file.txt'), 'new\n');
    await git(path, 'rm', '--quiet', '--cached', 'c.txt');
    expect(await state()).toMatchObject({
      changedFiles: [
        { path: 'a.txt', kind: 'modified' },
        { path: 'b.txt', kind: 'deleted' },
        { path: 'c.txt', kind: 'deleted' },
        { path: 'new/file.txt', kind: 'added' },
      ],
      changedFileCount: 4,
    });
  });

  it('names so many files and counts the others', async () => {
    await begin();
    for (let number = 0; number < 30; number += 1) await writeFile(join(path, `new-${number + 10}`), '');
    const { changedFiles, changedFileCount } = await state(3);
    expect(changedFiles.map((file) => file.path)).toEqual(['new-10', 'new-11', 'new-12']);
    expect(changedFileCount).toBe(30);
  });

  it('says where HEAD is when it is not on the branch', async () => {
    await begin();
    const branchSha = await git(path, 'rev-parse', 'HEAD');
    await git(path, 'checkout', '--quiet', '-b', 'elsewhere');
    const headSha = await commit(path, 'elsewhere');
    expect(await state()).toMatchObject({ currentBranch: 'elsewhere', headSha, branchSha });
    await git(path, 'checkout', '--quiet', '--detach');
    expect(await state()).toMatchObject({ currentBranch: null, headSha, branchSha });
    await git(path, 'branch', '--quiet', '-D', BRANCH);
    expect(await state()).toMatchObject({ currentBranch: null, headSha, branchSha: null });
  });
});

describe('a branch and its base', () => {
  it('are compared in the base, commits that were made by hand included', async () => {
    await begin();
    expect(await compare()).toMatchObject({ ahead: 0, behind: 0, conflictCount: 0, remote: null });
    const fork = await git(path, 'rev-parse', 'HEAD');
    await writeFile(join(path, 'a.txt'), 'ours\n');
    await commit(path, 'ours');
    await commit(path, 'ours too');
    const baseSha = await moveBase({ 'b.txt': 'theirs\n' });
    expect(await compare()).toEqual({
      ...{ baseSha, mergeBaseSha: fork, ahead: 2, behind: 1 },
      ...{ remote: null, conflictPaths: [], conflictCount: 0 },
    });
  });

  it('conflict where a merge would ask a person, and nothing is touched to find out', async () => {
    await begin();
    await writeFile(join(path, 'a.txt'), 'ours\n');
    await rm(join(path, 'b.txt'));
    await writeFile(join(path, 'both.txt'), 'ours\n');
    await commit(path, 'ours');
    await moveBase({ 'a.txt': 'theirs\n', 'b.txt': 'theirs\n', 'both.txt': 'theirs\n', 'c.txt': 'fine\n' });
    const refs = await git(base, 'for-each-ref');
    expect(await compare()).toMatchObject({ conflictPaths: ['a.txt', 'b.txt', 'both.txt'], conflictCount: 3 });
    expect(await compare({ maxConflicts: 1 })).toMatchObject({ conflictPaths: ['a.txt'], conflictCount: 3 });
    expect(await git(base, 'for-each-ref')).toBe(refs);
    expect(await git(path, 'status', '--porcelain')).toBe('');
  });

  it('are not compared again while neither they nor the remote have moved', async () => {
    await begin();
    await writeFile(join(path, 'a.txt'), 'ours\n');
    const ours = await commit(path, 'ours');
    const baseSha = await git(source, 'rev-parse', 'main');
    const known = { baseSha, remoteSha: null };
    expect(await compare({ known })).toBeNull();
    await git(path, 'push', '--quiet', base, `${baseSha}:refs/remotes/origin/${BRANCH}`);
    expect(await compare({ known })).toMatchObject({ remote: { sha: baseSha, ahead: 1, behind: 0 } });
    expect(await compare({ known: { baseSha, remoteSha: baseSha } })).toBeNull();
    await moveBase({ 'b.txt': 'theirs\n' });
    expect(await compare({ known: { baseSha, remoteSha: baseSha } })).toMatchObject({ ahead: 1, behind: 1 });
    expect(ours).not.toBe(baseSha);
  });

  it('may have nothing in common, no commit, or no base at all', async () => {
    await begin();
    await git(path, 'checkout', '--quiet', '--orphan', 'other');
    await commit(path, 'a history of its own');
    await git(path, 'branch', '--quiet', '--force', BRANCH);
    expect(await compare()).toMatchObject({ mergeBaseSha: null, ahead: 1, behind: 1 });
    expect(await compare({ branchSha: null })).toMatchObject({ mergeBaseSha: null, ahead: 0, behind: 1 });
    expect(await compare({ baseBranch: 'gone' })).toMatchObject({ baseSha: null, ahead: 1, behind: 0 });
  });
});

describe('disk use', () => {
  it('counts what a removal would free: files once, shared objects not, links as links', async () => {
    await begin();
    await git(base, 'repack', '-adq');
    const before = await door.diskUse(path);
    await writeFile(join(path, 'large'), Buffer.alloc(1024 * 1024, 1));
    await link(join(path, 'large'), join(path, 'same'));
    await symlink('/usr', join(path, 'out'));
    const added = (await door.diskUse(path)) - before;
    expect(added).toBeGreaterThanOrEqual(1024 * 1024);
    expect(added).toBeLessThan(1024 * 1024 + 64 * 1024);
    await link(join(path, 'large'), join(folder, 'outside'));
    expect((await door.diskUse(path)) - before).toBeLessThan(64 * 1024);
  });
});

describe('repairing HEAD', () => {
  const rescuePrefix = 'refs/kosuke/rescue/one/';
  const repair = () => door.repairHead({ path, basePath: base, branch: BRANCH, baseBranch: 'main', rescuePrefix });
  const rescued = () => git(base, 'for-each-ref', '--format=%(objectname)', 'refs/kosuke/rescue/one');

  it.each(['a detached HEAD', 'another branch'])('keeps the commits of %s and the files as they are', async (where) => {
    await begin();
    await git(path, 'checkout', '--quiet', ...(where === 'another branch' ? ['-b', 'elsewhere'] : ['--detach']));
    await writeFile(join(path, 'a.txt'), 'elsewhere\n');
    const sha = await commit(path, 'elsewhere');
    await writeFile(join(path, 'b.txt'), 'not committed\n');
    expect(await repair()).toEqual({ rescuedSha: sha });
    expect(await rescued()).toBe(sha);
    expect(await git(base, 'show', `${sha}:a.txt`)).toBe('elsewhere');
    expect(await git(base, 'branch', '--list', '--format=%(refname:short)')).toBe('main');
    expect(await state()).toMatchObject({
      currentBranch: BRANCH,
      changedFiles: [{ path: 'a.txt' }, { path: 'b.txt' }],
    });
    expect(await repair()).toEqual({ rescuedSha: null });
    expect(await rescued()).toBe(sha);
  });

  it('keeps nothing that a branch leads to anyway', async () => {
    await begin();
    await git(path, 'checkout', '--quiet', '--detach');
    expect(await repair()).toEqual({ rescuedSha: null });
    await commit(path, 'on the branch');
    await git(path, 'checkout', '--quiet', '--detach', 'HEAD~1');
    expect(await repair()).toEqual({ rescuedSha: null });
    expect(await rescued()).toBe('');
  });

  it('brings a deleted branch back, and does not mind a lock that was left behind', async () => {
    await begin();
    await writeFile(join(path, 'a.txt'), 'ours\n');
    const ours = await commit(path, 'ours');
    await git(path, 'push', '--quiet', base, BRANCH);
    await git(path, 'checkout', '--quiet', '--detach', 'HEAD~1');
    await git(path, 'branch', '--quiet', '-D', BRANCH);
    await writeFile(join(path, '.git', 'HEAD.lock'), '');
    await repair();
    expect(await state()).toMatchObject({ currentBranch: BRANCH, headSha: ours, branchSha: ours });
  });

  it('brings a deleted branch back as it was cut when it had no commit of its own', async () => {
    await begin();
    const head = await git(path, 'rev-parse', 'HEAD');
    await git(path, 'checkout', '--quiet', '--detach');
    await git(path, 'branch', '--quiet', '-D', BRANCH);
    await repair();
    expect(await state()).toMatchObject({ currentBranch: BRANCH, headSha: head, branchSha: head });
  });
});
