import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { startServer } from '../test/server-process.ts';
import { until } from '../test/session-directories.ts';
import { createTestDatabase } from '../test/test-database.ts';
import { OWNER_TOKEN, remoteKit } from '../test/testkit.ts';

describe('the trash', () => {
  it('keeps what was deleted until its days are over, then frees rows and directories, and only those', async () => {
    const database = await createTestDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-data-'));
    const env = {
      DATABASE_URL: database.url,
      KOSUKE_DATA_DIR: dataDir,
      KOSUKE_OWNER_TOKEN: OWNER_TOKEN,
      KOSUKE_LOG_LEVEL: 'error',
    };
    const first = await startServer(env);
    let kit = remoteKit(first.url);
    const projectId = await newProject(kit);
    const [kept, deleted] = [await newSession(kit, projectId, 'Kept'), await newSession(kit, projectId, 'Deleted')];
    for (const { id } of [kept, deleted]) await talk(kit, id, '!echo hello > hello.txt');
    await kit.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id: deleted.id });
    await kit.close();
    await first.end('SIGTERM');
    const directory = (id: string) => join(dataDir, 'projects', projectId, 'sessions', id);

    const second = await startServer(env);
    expect(existsSync(directory(deleted.id))).toBe(true);
    await second.end('SIGTERM');

    const third = await startServer({ ...env, KOSUKE_TRASH_DAYS: '0' });
    kit = remoteKit(third.url);
    const find = async (id: string) =>
      (await kit.ask('query ($id: ID!) { chatSession(id: $id) { title } }', { id })).chatSession;
    while ((await find(deleted.id)) !== null) await delay(20);
    await until(() => !existsSync(directory(deleted.id)));
    expect(await find(kept.id)).toEqual({ title: 'Kept' });
    expect(existsSync(directory(kept.id))).toBe(true);
    await kit.close();
    await third.end('SIGTERM');
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);
});
