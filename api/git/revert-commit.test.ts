import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import type { Commit } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
const author = { name: 'Mika', email: 'mika@example.com' };
const branch = 'kosuke-chat-one';
let folder: string;
let base: string;
let workspace: string;

const TEN = Array.from({ length: 10 }, (_, line) => `line ${line}\n`);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-revert-'));
  base = join(folder, 'base');
  workspace = join(folder, 'one');
  const source = join(folder, 'source');
  await mkdir(source);
  await git(source, 'init', '--quiet', '--initial-branch=main');
  await writeFile(join(source, 'a.txt'), TEN.join(''));
  await git(source, 'add', '--all');
  await git(source, 'commit', '--quiet', '--message=First');
  await door.cloneBase({ source: { kind: 'path', path: source }, path: base });
  await door.createWorkspace({ basePath: base, path: workspace, branch, baseBranch: 'main' });
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

const write = (name: string, content: string) => writeFile(join(workspace, name), content);
const read = (name: string) => readFile(join(workspace, name), 'utf8');
const changed = (line: number, text: string, from = TEN) => from.map((old, at) => (at === line ? `${text}\n` : old));
const place = () => ({ path: workspace, basePath: base, branch, author, trailers: {} });

async function turn(files: Record<string, string>): Promise<string> {
  for (const [name, content] of Object.entries(files)) await write(name, content);
  const made = await door.commitAll({ ...place(), title: 'Turn' });
  return (made as Commit).sha;
}
const revert = (sha: string, operation = '1') =>
  door.revertCommit({ ...place(), title: 'Revert "Turn"', sha, operation });

describe('undoing a commit', () => {
  it('takes back what it did and nothing of what came after, as a commit of its own', async () => {
    const first = changed(0, 'FIRST');
    const sha = await turn({ 'a.txt': first.join(''), new: 'n' });
    await turn({ 'a.txt': changed(9, 'LAST', first).join('') });
    await write('scratch', 'not committed');
    const result = await revert(sha);
    expect(result).toMatchObject({
      kind: 'reverted',
      commit: {
        title: 'Revert "Turn"',
        files: [
          { path: 'a.txt', kind: 'modified', additions: 1, deletions: 1 },
          { path: 'new', kind: 'deleted' },
        ],
      },
    });
    expect(await read('a.txt')).toBe(changed(9, 'LAST').join(''));
    expect(await git(workspace, 'status', '--porcelain')).toBe('?? scratch');
    expect(await git(base, 'rev-parse', branch)).toBe(await git(workspace, 'rev-parse', 'HEAD'));
    expect(await git(workspace, 'rev-list', '--count', 'HEAD')).toBe('4');
    expect(await git(workspace, 'fsck', '--strict')).not.toMatch(/error|missing|broken/);
  });

  it('can be undone in turn, and undo the very first commit', async () => {
    const sha = await turn({ new: 'n' });
    const undone = await revert(sha, '1');
    if (undone.kind !== 'reverted') throw new Error(undone.kind);
    expect(await revert(sha, '2')).toEqual({ kind: 'nothing' });
    expect(await revert(undone.commit.sha, '3')).toMatchObject({ kind: 'reverted' });
    expect(await read('new')).toBe('n');
    expect(await revert(await git(workspace, 'rev-list', '--max-parents=0', 'HEAD'), '4')).toMatchObject({
      kind: 'reverted',
    });
    expect(await git(workspace, 'ls-files')).toBe('new');
  });

  it('names the files where later changes stand in the way, and changes nothing', async () => {
    const sha = await turn({ 'a.txt': changed(3, 'mine').join(''), other: 'x' });
    await turn({ 'a.txt': changed(3, 'later').join('') });
    const before = await git(workspace, 'rev-parse', 'HEAD');
    expect(await revert(sha)).toEqual({ kind: 'conflict', paths: ['a.txt'] });
    expect(await git(workspace, 'rev-parse', 'HEAD')).toBe(before);
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
  });

  it('names the files that hold what is not committed, and changes nothing', async () => {
    const sha = await turn({ 'a.txt': changed(3, 'mine').join(''), other: 'x' });
    await write('a.txt', 'not committed');
    expect(await revert(sha)).toEqual({ kind: 'uncommitted', paths: ['a.txt'] });
    expect(await read('a.txt')).toBe('not committed');
    expect(await read('other')).toBe('x');
  });

  it('is done once, and completed when it was stopped before the files', async () => {
    const sha = await turn({ 'a.txt': changed(3, 'mine').join(''), new: 'n' });
    const done = await revert(sha);
    // As if the branch had moved and nothing else.
    await write('a.txt', changed(3, 'mine').join(''));
    await write('new', 'n');
    expect(await revert(sha)).toEqual(done);
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
    expect(await git(workspace, 'rev-list', '--count', 'HEAD')).toBe('3');
  });

  it('is refused for a commit that the branch does not have, and off the branch', async () => {
    const sha = await turn({ new: 'n' });
    await git(workspace, 'reset', '--quiet', '--hard', 'HEAD~');
    await expect(revert(sha)).rejects.toMatchObject({ code: 'not-found' });
    await expect(revert('0'.repeat(40))).rejects.toMatchObject({ code: 'not-found' });
    await git(workspace, 'checkout', '--quiet', '--detach');
    await expect(revert(sha)).rejects.toMatchObject({ code: 'drifted' });
  });
});
