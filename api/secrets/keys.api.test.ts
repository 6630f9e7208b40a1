import { randomBytes } from 'node:crypto';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { createTestDatabase } from '../test/test-database.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';
import { SecretsKeyError } from './secrets-key-error.ts';

const newKey = () => randomBytes(32).toString('base64');

const open: TestApp[] = [];
async function start(...args: Parameters<typeof startTestApp>): Promise<TestApp> {
  const app = await startTestApp(...args);
  open.push(app);
  return app;
}
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function setToken(app: TestApp, projectId: string): Promise<void> {
  await app.ask(
    'mutation ($input: SetEnvironmentVariableInput!) { setEnvironmentVariable(input: $input) { __typename } }',
    { input: { projectId, name: 'TOKEN', value: 'abc' } },
  );
}

async function seen(app: TestApp, projectId: string): Promise<string> {
  const session = await newSession(app, projectId);
  const events = await talk(app, session.id, '!echo "token: $TOKEN"');
  return events.map(({ text, part, run }) => text ?? part?.notice ?? run?.errorMessage ?? '').join('\n');
}

async function sql(app: TestApp, text: string, values: unknown[] = []): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

describe('the key of what is kept encrypted', () => {
  it('is made at the first start, for nobody else to read, and used from then on', async () => {
    const app = await start();
    const file = join(app.dataDir, 'secrets.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const projectId = await newProject(app);
    await setToken(app, projectId);
    const key = await readFile(file, 'utf8');
    await chmod(file, 0o644);
    const again = await app.restart();
    open.push(again);
    open.splice(open.indexOf(app), 1);
    expect(await readFile(file, 'utf8')).toBe(key);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await seen(again, projectId)).toContain('token: abc');
  }, 60_000);

  it('stops the start when it is missing, another one or damaged, and says what to do', async () => {
    const app = await startTestApp();
    const file = join(app.dataDir, 'secrets.key');
    const key = await readFile(file, 'utf8');
    const database = { url: app.databaseUrl, drop: async () => {} };
    await expect(startTestApp({ KOSUKE_SECRETS_KEYS: newKey() }, database)).rejects.toThrow(SecretsKeyError);
    // Another data folder, and so no key file.
    await expect(startTestApp({}, database)).rejects.toThrow(/sealed with another key \([0-9a-f]{16}\).*secrets\.key/);
    await writeFile(file, 'nonsense\n');
    await expect(app.restart()).rejects.toThrow(/damaged/);
    await rm(file);
    await writeFile(file, key);
    open.push(await startTestApp({ KOSUKE_SECRETS_KEYS: key.trim() }, database));
    await open.pop()?.close();
    await rm(app.dataDir, { recursive: true });
  }, 60_000);

  it('can be changed: the new one seals, the old one opens and can be laid aside at a later start', async () => {
    const database = await createTestDatabase();
    const kept = { url: database.url, drop: async () => {} };
    const [old, young] = [newKey(), newKey()];
    const first = await startTestApp({ KOSUKE_SECRETS_KEYS: old }, kept);
    const projectId = await newProject(first);
    await setToken(first, projectId);
    const [before] = await sql(first, 'SELECT sealed_value FROM environment_variables');
    await first.close();
    const second = await startTestApp({ KOSUKE_SECRETS_KEYS: `${young},${old}` }, kept);
    const [after] = await sql(second, 'SELECT sealed_value FROM environment_variables');
    expect(after?.sealed_value?.split(':')[1]).not.toBe(before?.sealed_value?.split(':')[1]);
    expect(await sql(second, 'SELECT id FROM secret_keys')).toHaveLength(1);
    await second.close();
    const third = await start({ KOSUKE_SECRETS_KEYS: young }, database);
    expect(await seen(third, await newProject(third))).toContain('token: \n');
    const [row] = await sql(third, 'SELECT sealed_value FROM environment_variables');
    expect(row).toEqual(after);
  }, 60_000);

  it('that is lost for good keeps a run from its variables, and the run says so', async () => {
    const app = await start();
    const projectId = await newProject(app);
    await setToken(app, projectId);
    await sql(
      app,
      "UPDATE environment_variables SET sealed_value = regexp_replace(sealed_value, ':[0-9a-f]{16}:', ':0123456789abcdef:')",
    );
    expect(await seen(app, projectId)).toContain('The environment variable TOKEN cannot be read');
    const { project } = await app.ask('query ($id: ID!) { project(id: $id) { environmentVariables { name value } } }', {
      id: projectId,
    });
    expect(project.environmentVariables).toEqual([{ name: 'TOKEN', value: null }]);
  }, 60_000);

  it('opens a value only in the place it was sealed for', async () => {
    const app = await start();
    const [projectId, other] = [await newProject(app), await newProject(app)];
    await setToken(app, projectId);
    await sql(app, 'UPDATE environment_variables SET project_id = $1', [other]);
    expect(await seen(app, other)).toContain('was moved from another place');
  }, 60_000);
});
