import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { conversation, newProject, newSession, talk } from '../test/conversation.ts';
import { until } from '../test/session-directories.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
let database: pg.Client;

beforeAll(async () => {
  kit = await startTestApp({ KOSUKE_RETENTION_DAYS: '10', KOSUKE_IDLE_DAYS: '5', KOSUKE_ARCHIVE_HOURS: '2' });
  database = new pg.Client({ connectionString: kit.databaseUrl });
  database.on('error', () => undefined);
  await database.connect();
}, 60_000);

afterAll(async () => {
  await database?.end();
  await kit?.close();
});

const FIELDS = 'status archivedAt deletedAt trashAt purgeAt workspace { status }';

const look = async (id: string) =>
  (await kit.ask(`query ($id: ID!) { chatSession(id: $id) { ${FIELDS} } }`, { id })).chatSession;

const ask = async (field: string, id: string) =>
  (await kit.ask(`mutation ($id: ID!) { ${field}(id: $id) { ... on ChatSession { ${FIELDS} } } }`, { id }))[field];

async function madeSession(projectId: string) {
  const session = await newSession(kit, projectId);
  await talk(kit, session.id, '!echo hello > hello.txt');
  return { ...session, path: join(kit.dataDir, 'projects', projectId, 'sessions', session.id) };
}

const age = (id: string, days: number) =>
  database.query(
    `UPDATE chat_sessions SET last_activity_at = last_activity_at - make_interval(days => $2),
       updated_at = updated_at - make_interval(days => $2), archived_at = archived_at - make_interval(days => $2)
     WHERE session_id = $1`,
    [id, days],
  );

/** A start looks at once at what time has brought about. */
const restart = async () => {
  kit = await kit.restart();
};

describe('what time brings about', () => {
  it('frees an archived directory when its hours are over', async () => {
    const session = await madeSession(await newProject(kit));
    await ask('archiveChatSession', session.id);
    await restart();
    expect(await look(session.id)).toMatchObject({ status: 'ARCHIVED', workspace: { status: 'READY' } });
    await age(session.id, 1);
    await restart();
    await until(async () => (await look(session.id)).workspace.status === 'CLEANED');
    expect(existsSync(session.path)).toBe(false);
  }, 60_000);

  it('frees the directory of a session that nobody used; the next message brings back what was not committed', async () => {
    const projectId = await newProject(kit);
    const [idle, fresh] = [await madeSession(projectId), await madeSession(projectId)];
    await writeFile(join(idle.path, 'draft.txt'), 'draft');
    await age(idle.id, 6);
    await age(fresh.id, 4);
    await restart();
    await until(async () => (await look(idle.id)).workspace.status === 'CLEANED');
    expect(existsSync(idle.path)).toBe(false);
    expect(await look(idle.id)).toMatchObject({ status: 'ACTIVE' });
    expect((await look(fresh.id)).workspace.status).toBe('READY');
    await talk(kit, idle.id, '!cat draft.txt');
    expect((await conversation(kit, idle.id)).messages.nodes.at(-1).parts[0].output).toBe('draft');
    expect(await readFile(join(idle.path, 'draft.txt'), 'utf8')).toBe('draft');
  }, 60_000);

  it('puts archived sessions in the trash after their days, and not again when somebody takes them out', async () => {
    const projectId = await newProject(kit);
    const [old, young, active] = [
      await madeSession(projectId),
      await madeSession(projectId),
      await madeSession(projectId),
    ];
    expect(await look(old.id)).toMatchObject({ archivedAt: null, trashAt: null });
    for (const { id } of [old, young]) {
      const { archivedAt, trashAt } = await ask('archiveChatSession', id);
      expect(Date.parse(trashAt) - Date.parse(archivedAt)).toBe(10 * 86_400_000);
    }
    await age(old.id, 11);
    await age(young.id, 9);
    await age(active.id, 3);
    await restart();
    await until(async () => (await look(old.id)).deletedAt);
    expect(await look(old.id)).toMatchObject({ trashAt: null, purgeAt: expect.any(String) });
    expect((await look(young.id)).deletedAt).toBeNull();
    expect((await look(active.id)).deletedAt).toBeNull();
    await ask('restoreChatSession', old.id);
    await restart();
    await until(async () => (await look(young.id)).workspace.status === 'CLEANED');
    expect((await look(old.id)).deletedAt).toBeNull();
  }, 120_000);

  it('follows what a project says instead of the server', async () => {
    const update = async (id: string, retentionDays: number | null) =>
      (
        await kit.ask(
          `mutation ($input: UpdateProjectInput!) {
             updateProject(input: $input) { ... on Project { retentionDays } ... on InvalidInput { field code } }
           }`,
          { input: { id, retentionDays } },
        )
      ).updateProject;
    const [never, soon] = [await newProject(kit), await newProject(kit)];
    expect(await update(never, 0)).toEqual({ retentionDays: 0 });
    expect(await update(soon, 2)).toEqual({ retentionDays: 2 });
    for (const days of [-1, 3_651])
      expect(await update(soon, days)).toEqual({ field: 'retentionDays', code: 'INVALID_INPUT' });
    const [kept, gone] = [await madeSession(never), await madeSession(soon)];
    for (const { id } of [kept, gone]) {
      await ask('archiveChatSession', id);
      await age(id, 3);
    }
    expect((await look(kept.id)).trashAt).toBeNull();
    await age(kept.id, 100);
    await restart();
    await until(async () => (await look(gone.id)).deletedAt);
    expect((await look(kept.id)).deletedAt).toBeNull();
    expect(await update(never, null)).toEqual({ retentionDays: null });
    expect((await look(kept.id)).trashAt).toEqual(expect.any(String));
  }, 60_000);
});
