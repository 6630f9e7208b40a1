import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitProcesses } from '../git/git-processes.ts';
import { git } from '../test/git-fixture.ts';
import { WorkspaceStore } from './workspace-store.ts';

const door = new GitProcesses();
let dataDir: string;
let store: WorkspaceStore;
const problems: unknown[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-store-'));
  problems.length = 0;
  store = new WorkspaceStore({ dataDir, git: door, onError: (error) => problems.push(error) });
  await store.start();
});
afterEach(async () => {
  await store.whenSwept();
  await rm(dataDir, { recursive: true, force: true });
  expect(problems).toEqual([]);
});
afterAll(() => door.close());

const template = (projectId: number, source = 'EMPTY') =>
  store.prepareBase({ projectId, kind: 'template', source, name: 'My <shop> & more' });
const ensure = (sessionId = 'k3m9n2x8q7ab', projectId = 1) =>
  store.ensureWorkspace({ projectId, sessionId, branch: `kosuke-chat-${sessionId}`, baseBranch: 'main' });
const commit = (path: string, branch: string) =>
  door.commitAll({
    path,
    basePath: store.basePath(1),
    branch,
    title: 'Turn',
    author: { name: 'Mika', email: 'mika@example.com' },
    trailers: {},
  });

describe('a project', () => {
  it('can begin from a template', async () => {
    expect(await store.hasBase(1)).toBe(false);
    const empty = await template(1);
    expect(await store.hasBase(1)).toBe(true);
    expect(empty).toEqual({ defaultBranch: 'main', headSha: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(await git(store.basePath(1), 'show', 'main:README.md')).toBe('# My <shop> & more');

    await template(2, 'STATIC_WEB_PAGE');
    const page = await git(store.basePath(2), 'show', 'main:index.html');
    expect(page).toContain('<h1>My &lt;shop&gt; &amp; more</h1>');
    expect(page).not.toContain('<shop>');
    expect(await git(store.basePath(2), 'show', 'main:styles.css')).toContain('prefers-color-scheme: dark');
  });

  it('is prepared once, however often it is asked for', async () => {
    const [first, second] = await Promise.all([template(1), template(1)]);
    expect(second).toEqual(first);
    expect(await template(1, 'STATIC_WEB_PAGE')).toEqual(first);
  });

  it('leaves nothing behind when it cannot be prepared, and can be tried again', async () => {
    const source = join(dataDir, 'source');
    await mkdir(source);
    const prepare = () => store.prepareBase({ projectId: 1, kind: 'path', source, name: 'x' });
    await expect(prepare()).rejects.toMatchObject({ code: 'not-a-repository' });
    expect(await store.hasBase(1)).toBe(false);
    await git(source, 'init', '--quiet', '--initial-branch=trunk');
    expect(await prepare()).toEqual({ defaultBranch: 'trunk', headSha: null });
  });

  it('goes away whole, also what nobody could enter, and never what a link points to', async () => {
    await template(1);
    const { path } = await ensure();
    const outside = join(dataDir, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'kept'), 'x');
    await symlink(outside, join(path, 'link'));
    await mkdir(join(path, 'locked', 'in'), { recursive: true });
    await writeFile(Buffer.concat([Buffer.from(`${path}/locked/in/bad`), Buffer.from([0xff])]), 'x');
    await chmod(join(path, 'locked', 'in'), 0);
    await chmod(join(path, 'locked'), 0);
    await store.removeProject(1);
    expect(await store.hasBase(1)).toBe(false);
    await store.whenSwept();
    expect(await readdir(join(dataDir, 'trash'))).toEqual([]);
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('x');
    await store.removeProject(1);
  });
});

describe('the workspace of a session', () => {
  it('is made once, with a private home, and opened after that', async () => {
    const base = await template(1);
    const [first, second] = await Promise.all([ensure(), ensure()]);
    expect(second).toEqual(first);
    expect(first).toEqual({
      path: join(dataDir, 'projects/1/sessions/k3m9n2x8q7ab'),
      basePath: join(dataDir, 'projects/1/main'),
      homePath: join(dataDir, 'projects/1/homes/k3m9n2x8q7ab'),
      headSha: base.headSha,
    });
    expect((await stat(first.homePath)).mode & 0o777).toBe(0o700);
    await writeFile(join(first.path, 'a'), 'a');
    const made = await commit(first.path, 'kosuke-chat-k3m9n2x8q7ab');
    expect((await ensure()).headSha).toBe(made?.sha);
    expect(await readFile(join(first.path, 'a'), 'utf8')).toBe('a');
  });

  it('does not show the branches of other sessions', async () => {
    await template(1);
    const { path } = await ensure('aaaaaaaaaaaa');
    await writeFile(join(path, 'a'), 'a');
    await commit(path, 'kosuke-chat-aaaaaaaaaaaa');
    const other = await ensure('bbbbbbbbbbbb');
    expect(await git(other.path, 'for-each-ref', '--format=%(refname)')).toBe(
      'refs/heads/kosuke-chat-bbbbbbbbbbbb\nrefs/remotes/origin/main',
    );
  });

  it('comes back with its commits when it was removed or lost', async () => {
    await template(1);
    const { path } = await ensure();
    await writeFile(join(path, 'a'), 'a');
    const made = await commit(path, 'kosuke-chat-k3m9n2x8q7ab');
    await store.removeWorkspace({ projectId: 1, sessionId: 'k3m9n2x8q7ab' });
    expect(await readdir(join(dataDir, 'projects/1/sessions'))).toEqual([]);
    expect(await readdir(join(dataDir, 'projects/1/homes'))).toEqual([]);
    const again = await ensure();
    expect(again.headSha).toBe(made?.sha);
    expect(await readFile(join(again.path, 'a'), 'utf8')).toBe('a');
  });

  it('is not made over what is not ours: that is put aside', async () => {
    await template(1);
    const place = join(dataDir, 'projects/1/sessions/k3m9n2x8q7ab');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'notes.txt'), 'only copy');
    const { path } = await ensure();
    expect(await git(path, 'status', '--porcelain')).toBe('');
    const [wrapper = ''] = await readdir(join(dataDir, 'quarantine'));
    const kept = join(dataDir, 'quarantine', wrapper, 'k3m9n2x8q7ab', 'notes.txt');
    expect(await readFile(kept, 'utf8')).toBe('only copy');
  });

  it('is refused when somebody switched its branch', async () => {
    await template(1);
    const { path } = await ensure();
    await git(path, 'checkout', '--quiet', '-b', 'elsewhere');
    await expect(ensure()).rejects.toMatchObject({ code: 'drifted', message: expect.stringContaining('elsewhere') });
    await git(path, 'checkout', '--quiet', '--detach');
    await expect(ensure()).rejects.toMatchObject({ code: 'drifted' });
  });

  it('is refused while the project has no repository', async () => {
    await expect(ensure()).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each(['../../x', '..', '', 'a/b', 'a\0b', '.git', '-x', 'x'.repeat(65)])(
    'never leaves its place: %j',
    async (id) => {
      await template(1);
      expect(() => ensure(id)).toThrow(expect.objectContaining({ code: 'invalid-name' }));
      expect(() => store.removeWorkspace({ projectId: 1, sessionId: id })).toThrow();
      expect(() => store.basePath(id)).toThrow();
    },
  );
});

describe('a start after a crash', () => {
  it('clears half-made folders and the trash, and nothing else', async () => {
    await template(1);
    await ensure();
    const halves = ['projects/1/.preparing-main-abc', 'projects/1/sessions/.preparing-x-abc', 'trash/old'];
    for (const half of halves) {
      await mkdir(join(dataDir, half, 'objects'), { recursive: true });
      await writeFile(join(dataDir, half, 'objects', 'x'), 'x');
    }
    await writeFile(join(dataDir, 'projects', 'notes.txt'), 'kept');
    const next = new WorkspaceStore({ dataDir, git: door, onError: (error) => problems.push(error) });
    await next.start();
    await next.whenSwept();
    expect((await readdir(join(dataDir, 'projects/1'))).sort()).toEqual(['homes', 'main', 'sessions']);
    expect(await readdir(join(dataDir, 'projects/1/sessions'))).toEqual(['k3m9n2x8q7ab']);
    expect(await readdir(join(dataDir, 'trash'))).toEqual([]);
    expect(await readFile(join(dataDir, 'projects', 'notes.txt'), 'utf8')).toBe('kept');
    expect((await ensure()).headSha).not.toBeNull();
  });
});
