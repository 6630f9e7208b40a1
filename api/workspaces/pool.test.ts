import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { GitProcesses } from '../git/git-processes.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import type { PoolSettings } from './pool.ts';
import { WorkspaceStore } from './workspace-store.ts';

// A spare waits until a second is over.
jest.setTimeout(60_000);

const door = new GitProcesses();
const DAY_MS = 24 * 60 * 60 * 1_000;
let dataDir: string;
let source: Fixture;
let store: WorkspaceStore;
const problems: unknown[] = [];

const usual: PoolSettings = {
  sparesPerProject: 1,
  fromFiles: 0,
  minFreeBytes: 0,
  maxBytes: Number.MAX_SAFE_INTEGER,
  idleMs: 3 * DAY_MS,
};

/** A store on the same data as the one before, which is closed. */
async function open(settings: Partial<PoolSettings> = {}): Promise<void> {
  await store?.close();
  store = new WorkspaceStore({
    dataDir,
    git: door,
    pool: { git: new GitProcesses({ processes: 1, niceness: 19 }), settings: { ...usual, ...settings } },
    onError: (error) => problems.push(error),
  });
  await store.start();
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-pool-'));
  source = await makeRepository({ 'a.txt': 'a\n', 'src/b.txt': 'b\n' });
  await open();
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
  await source.remove();
  expect(problems.splice(0)).toEqual([]);
});
afterAll(() => door.close());

const prepare = (projectId = 1) => store.prepareBase({ projectId, kind: 'path', source: source.path, name: 'x' });
const ensure = (sessionId: string, projectId = 1) =>
  store.ensureWorkspace({ projectId, sessionId, branch: `kosuke-chat-${sessionId}`, baseBranch: 'main' });
const folder = (projectId: number, name: string) => join(dataDir, 'projects', String(projectId), name);
const namesIn = (path: string) => readdir(path).catch(() => []);
const spares = (projectId = 1) => namesIn(folder(projectId, 'pool'));
/** Which folder it is, whatever it is called now. */
const identity = async (path: string) => (await stat(path)).ino;

async function spare(projectId = 1): Promise<string> {
  await store.whenPooled();
  const [name = 'none'] = await spares(projectId);
  return join(folder(projectId, 'pool'), name);
}

/** A project that has had a session, and so has a spare. */
async function used(projectId = 1): Promise<string> {
  await prepare(projectId);
  await ensure(`first${projectId}`, projectId);
  return await spare(projectId);
}

async function moveBase(files: Record<string, string>): Promise<string> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(source.path, name), content);
  await git(source.path, 'add', '--all');
  await git(source.path, 'commit', '--quiet', '--message=moved');
  await store.refreshBase({ projectId: 1, kind: 'path', source: source.path });
  return await git(source.path, 'rev-parse', 'HEAD');
}

async function expectWhole(path: string, branch: string): Promise<void> {
  expect(await git(path, 'symbolic-ref', '--short', 'HEAD')).toBe(branch);
  expect(await git(path, 'status', '--porcelain')).toBe('');
  expect(await readdir(join(path, '.git'))).not.toContain('kosuke-spare');
}

describe('the workspace of a new session', () => {
  it('is one that was made before, and another is made for the next', async () => {
    const ready = await identity(await used());
    const { path, headSha } = await ensure('second');
    expect(await identity(path)).toBe(ready);
    expect(headSha).toBe(await git(source.path, 'rev-parse', 'HEAD'));
    await expectWhole(path, 'kosuke-chat-second');
    expect(await identity(await spare())).not.toBe(ready);
  });

  it('begins at the newest commit, also when the spare is older', async () => {
    const ready = await identity(await used());
    const head = await moveBase({ 'a.txt': 'changed\n' });
    const { path, headSha } = await ensure('second');
    expect([await identity(path), headSha]).toEqual([ready, head]);
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('changed\n');
    await expectWhole(path, 'kosuke-chat-second');
  });

  it('is never given to two: those who come too late get one made for them', async () => {
    const ready = await identity(await used());
    const made = await Promise.all(['aaaa', 'bbbb', 'cccc'].map((id) => ensure(id)));
    const all = await Promise.all(made.map(({ path }) => identity(path)));
    expect(new Set(all).size).toBe(3);
    expect(all.filter((one) => one === ready)).toHaveLength(1);
    for (const { path } of made) await expectWhole(path, `kosuke-chat-${path.slice(-4)}`);
    await store.whenPooled();
    expect(await spares()).toHaveLength(1);
  });

  it('is made from scratch where the spare cannot become it', async () => {
    await used();
    await moveBase({ '.gitattributes': '*.txt eol=crlf\n' });
    const { path } = await ensure('second');
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a\r\n');
    await store.whenPooled();
    const { path: third } = await ensure('third');
    expect(await readFile(join(third, 'a.txt'), 'utf8')).toBe('a\r\n');
  });

  it('is made from scratch where the spare turns out to be broken', async () => {
    const broken = await used();
    await moveBase({ 'a.txt': 'changed\n' });
    await rm(join(broken, '.git', 'config'));
    await writeFile(join(broken, '.git', 'config'), '[broken');
    const { path } = await ensure('second');
    await expectWhole(path, 'kosuke-chat-second');
    expect(problems.splice(0)).toMatchObject([{ code: 'not-a-repository' }]);
  });

  it('tells why it cannot be made as it does without a pool', async () => {
    await used();
    const gone = { projectId: 1, sessionId: 'second', branch: 'kosuke-chat-second', baseBranch: 'gone' };
    await expect(store.ensureWorkspace(gone)).rejects.toMatchObject({ code: 'not-found' });
    expect(problems.splice(0)).toMatchObject([{ code: 'not-found' }]);
    expect(await readdir(folder(1, 'sessions'))).toEqual(['first1']);
  });
});

describe('no spare is kept', () => {
  it('of a repository so small that it would gain nothing', async () => {
    await open({ fromFiles: 3 });
    await used();
    expect(await spares()).toEqual([]);
    await moveBase({ 'third.txt': 'c' });
    await ensure('second');
    await store.whenPooled();
    expect(await spares()).toHaveLength(1);
  });

  it('when the settings want none any more', async () => {
    await used();
    await open({ sparesPerProject: 0 });
    await ensure('second');
    await store.whenPooled();
    expect(await spares()).toEqual([]);
  });

  it('when less of the disk would be free than must be', async () => {
    await open({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    await used();
    expect(await spares()).toEqual([]);
    await open();
    await ensure('second');
    await store.whenPooled();
    expect(await spares()).toHaveLength(1);
    await open({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    await store.whenPooled();
    expect(await spares()).toEqual([]);
  });

  it('of a project that had no new session for long', async () => {
    const kept = await used(1);
    await used(2);
    const longAgo = new Date(Date.now() - 4 * DAY_MS);
    await utimes(folder(2, 'sessions'), longAgo, longAgo);
    await open();
    await store.whenPooled();
    expect(await spare(1)).toBe(kept);
    expect(await spares(2)).toEqual([]);
  });

  it('beyond what all may take: those used longest ago go first', async () => {
    const first = await used(1);
    const { bytes } = JSON.parse(await readFile(join(first, '.git', 'kosuke-spare'), 'utf8'));
    await used(2);
    const before = new Date(Date.now() - DAY_MS);
    await utimes(folder(1, 'sessions'), before, before);
    await open({ maxBytes: 2.5 * bytes });
    await used(3);
    expect([await spares(1), (await spares(2)).length, (await spares(3)).length]).toEqual([[], 1, 1]);
    await open({ maxBytes: bytes / 2 });
    await ensure('another', 3);
    await store.whenPooled();
    expect([await spares(2), await spares(3)]).toEqual([[], []]);
  });
});

describe('a start', () => {
  it('keeps the spares it knows, brings them up to date, and hands them over', async () => {
    const ready = await identity(await used());
    const head = await moveBase({ 'a.txt': 'changed\n' });
    await open();
    const updated = await spare();
    expect(await identity(updated)).toBe(ready);
    expect(await git(updated, 'rev-parse', 'HEAD')).toBe(head);
    expect(await git(updated, 'status', '--porcelain')).toBe('');
    expect(await identity((await ensure('second')).path)).toBe(ready);
  });

  it('throws away what was half made or handed over when the program ended, and what another version made', async () => {
    const known = await used();
    for (const half of ['pool/.preparing-x-abc', 'sessions/.preparing-second-abc']) {
      await mkdir(join(folder(1, half), '.git'), { recursive: true });
    }
    await mkdir(join(folder(1, 'pool'), 'older', '.git'), { recursive: true });
    const other = JSON.stringify({ format: 0, headSha: 'x', bytes: 1 });
    await writeFile(join(folder(1, 'pool'), 'older', '.git', 'kosuke-spare'), other);
    await open();
    expect(await spare()).toBe(known);
    expect(await spares()).toHaveLength(1);
    expect(await readdir(folder(1, 'sessions'))).toEqual(['first1']);
    expect(await namesIn(join(dataDir, 'quarantine'))).toEqual([]);
  });

  it('puts aside what it does not know', async () => {
    await used();
    await mkdir(folder(1, 'pool/mine'));
    await writeFile(folder(1, 'pool/mine/notes.txt'), 'only copy');
    await open();
    const [wrapper = ''] = await readdir(join(dataDir, 'quarantine'));
    expect(await readFile(join(dataDir, 'quarantine', wrapper, 'mine/notes.txt'), 'utf8')).toBe('only copy');
  });
});

describe('while a spare is being made', () => {
  it('a project can be removed, and nothing of it grows again', async () => {
    await prepare();
    await ensure('first');
    await store.removeProject(1);
    await store.whenPooled();
    expect(await readdir(join(dataDir, 'projects'))).toEqual([]);
  });

  it('the store can be closed, and the next start makes it anew', async () => {
    await prepare();
    await ensure('first');
    await open();
    await ensure('second');
    await store.whenPooled();
    expect(await spares()).toHaveLength(1);
    expect((await spares())[0]).toMatch(/^[0-9a-f]{16}$/);
  });
});
