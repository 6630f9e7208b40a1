import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { conversation, newProject, newSession, type SeenEvent, send, talk, untilEnded } from '../test/conversation.ts';
import { git } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(() => kit?.close(), 60_000);

const state = async (id: string) =>
  (await kit.ask('query ($id: ID!) { chatSession(id: $id) { workspace { status message cleanedAt } } }', { id }))
    .chatSession.workspace;

const project = async (id: string) =>
  (await kit.ask('query ($id: ID!) { project(id: $id) { status statusMessage } }', { id })).project;

async function found() {
  const { viewer } = await kit.ask(
    `{ viewer { server { reconciliations {
       runnerId at quarantined removedLocks lostDirectories foundDirectories copiedBranches lostRepositories quarantineSize
     } } } }`,
  );
  const [{ runnerId, at, quarantineSize, ...counts }] = viewer.server.reconciliations;
  expect(runnerId).toEqual(expect.any(String));
  expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
  return { counts, quarantineSize };
}

const NOTHING = {
  quarantined: 0,
  removedLocks: 0,
  lostDirectories: 0,
  foundDirectories: 0,
  copiedBranches: 0,
  lostRepositories: 0,
};

async function restart(meanwhile?: () => Promise<void>) {
  kit = await kit.restart(meanwhile);
}

async function madeSession(projectId: string) {
  const session = await newSession(kit, projectId);
  await talk(kit, session.id, '!echo hello > hello.txt');
  const folder = join(kit.dataDir, 'projects', projectId);
  return { ...session, folder, path: join(folder, 'sessions', session.id), base: join(folder, 'main') };
}

const output = async (id: string): Promise<string> =>
  (await conversation(kit, id)).messages.nodes
    .at(-1)
    .parts.map(({ output }: SeenEvent) => output ?? '')
    .join('');

describe('a start', () => {
  it('with everything in order changes nothing', async () => {
    const session = await madeSession(await newProject(kit));
    await writeFile(join(session.path, 'draft.txt'), 'draft');
    await restart();
    expect((await found()).counts).toEqual(NOTHING);
    expect(await state(session.id)).toMatchObject({ status: 'READY', message: null });
    expect(await readFile(join(session.path, 'draft.txt'), 'utf8')).toBe('draft');
  }, 60_000);

  it('finds what is lost, unknown, locked or kept twice; the next start finds nothing', async () => {
    const projectId = await newProject(kit);
    const [whole, lost, unpublished] = [
      await madeSession(projectId),
      await madeSession(projectId),
      await madeSession(projectId),
    ];
    await restart(async () => {
      await rm(lost.path, { recursive: true });
      await mkdir(join(whole.folder, 'sessions', 'unknownunkno'));
      await writeFile(join(whole.folder, 'sessions', 'unknownunkno', 'work.txt'), 'only copy');
      await git(whole.base, 'update-ref', '-d', `refs/heads/${unpublished.branch}`);
      await git(whole.base, 'update-ref', `refs/kosuke/rescue/${whole.id}/archive/0000000001`, 'main');
      await git(whole.base, 'update-ref', `refs/kosuke/rescue/${whole.id}/rewind/1`, 'main');
      for (const lock of [join(whole.path, '.git', 'index.lock'), join(whole.base, 'packed-refs.lock')])
        await writeFile(lock, '');
      await mkdir(join(whole.folder, 'sessions', '.preparing-x-abc'));
      await mkdir(join(whole.folder, 'kept', '.preparing-x-abc'), { recursive: true });
    });
    const first = await found();
    expect(first.counts).toEqual({
      ...NOTHING,
      quarantined: 1,
      removedLocks: 2,
      lostDirectories: 1,
      foundDirectories: 1,
      copiedBranches: 1,
    });
    expect(first.quarantineSize).toBe(1);
    expect(await state(whole.id)).toMatchObject({ status: 'READY' });
    expect(await state(lost.id)).toMatchObject({ status: 'CLEANED', message: expect.stringContaining('made again') });
    expect(await readdir(join(whole.folder, 'sessions'))).toEqual([unpublished.id, whole.id].sort());
    expect(await readdir(join(whole.folder, 'kept'))).toEqual([]);
    const refs = await git(whole.base, 'for-each-ref', '--format=%(refname)');
    expect(refs).toContain(`refs/heads/${unpublished.branch}`);
    expect(refs).not.toContain('/archive/');
    expect(refs).toContain(`refs/kosuke/rescue/${whole.id}/rewind/1`);

    await restart();
    expect(await found()).toEqual({ counts: NOTHING, quarantineSize: 1 });
    for (const { id } of [whole, lost, unpublished]) {
      await talk(kit, id, '!cat hello.txt');
      expect(await output(id)).toBe('hello\n');
    }
    expect(await state(lost.id)).toMatchObject({ status: 'READY', cleanedAt: null });
  }, 120_000);

  it('leaves a data folder alone when the database knows nothing of it', async () => {
    const session = await madeSession(await newProject(kit));
    const projects = join(kit.dataDir, 'projects');
    const elsewhere = await startTestApp();
    const { dataDir } = elsewhere;
    const other = await elsewhere.restart(async () => {
      await rm(join(dataDir, 'projects'), { recursive: true, force: true });
      await mkdir(join(dataDir, 'projects', '4711', 'main'), { recursive: true });
      await writeFile(join(dataDir, 'projects', '4711', 'main', 'HEAD'), 'ref: refs/heads/main\n');
    });
    expect(await readdir(join(dataDir, 'projects'))).toEqual(['4711']);
    await other.close();
    expect(existsSync(join(projects, session.folder.split('/').at(-1) ?? ''))).toBe(true);
  }, 60_000);

  it('makes no other repository in the place of a lost one, and uses it when it is back', async () => {
    const projectId = await newProject(kit);
    const session = await madeSession(projectId);
    const aside = join(kit.dataDir, 'aside');
    await restart(() => rename(session.base, aside));
    expect((await found()).counts).toEqual({ ...NOTHING, lostRepositories: 1 });
    expect(await project(projectId)).toMatchObject({
      status: 'FAILED',
      statusMessage: expect.stringMatching(new RegExp(`projects/${projectId}/main.*backup.*Retry`)),
    });
    const { run } = await send(kit, session.id, '!cat hello.txt');
    await untilEnded(kit, session.id, run.id);
    expect((await conversation(kit, session.id)).latestRun).toMatchObject({
      status: 'FAILED',
      errorMessage: expect.stringContaining('backup'),
    });
    expect(existsSync(session.base)).toBe(false);
    await restart(() => rename(aside, session.base));
    expect((await found()).counts).toEqual(NOTHING);
    await talk(kit, session.id, '!cat hello.txt');
    expect(await output(session.id)).toBe('hello\n');
    expect((await project(projectId)).status).toBe('READY');
  }, 120_000);

  it('makes a lost repository again when asked, with the branches of its sessions', async () => {
    const projectId = await newProject(kit);
    const session = await madeSession(projectId);
    await restart(() => rm(session.base, { recursive: true }));
    await kit.ask('mutation ($id: ID!) { retryProject(id: $id) { __typename } }', { id: projectId });
    await until(async () => (await project(projectId)).status === 'READY');
    await talk(kit, session.id, '!cat hello.txt');
    expect(await output(session.id)).toBe('hello\n');
    expect(await git(session.base, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toContain(session.branch);
    expect(await git(session.base, 'show', `${session.branch}:hello.txt`)).toBe('hello');
  }, 120_000);

  it('keeps what is in the trash', async () => {
    const projectId = await newProject(kit);
    const session = await madeSession(projectId);
    await kit.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id: session.id });
    const gone = await newProject(kit);
    await madeSession(gone);
    await kit.ask('mutation ($id: ID!) { deleteProject(id: $id) { __typename } }', { id: gone });
    await restart();
    expect((await found()).counts).toEqual(NOTHING);
    expect(existsSync(session.path)).toBe(true);
    expect(existsSync(join(kit.dataDir, 'projects', gone, 'main'))).toBe(true);
  }, 60_000);

  it('takes apart what was to go for good when it was cut off', async () => {
    const projectId = await newProject(kit);
    const session = await madeSession(projectId);
    const database = new pg.Client({ connectionString: kit.databaseUrl });
    await database.connect();
    await restart(async () => {
      await database.query('UPDATE chat_sessions SET deleted_at = now(), purging_since = now() WHERE session_id = $1', [
        session.id,
      ]);
    });
    await until(() => !existsSync(session.path));
    await until(
      async () =>
        (await database.query('SELECT 1 FROM chat_sessions WHERE session_id = $1', [session.id])).rowCount === 0,
    );
    await database.end();
  }, 60_000);
});
