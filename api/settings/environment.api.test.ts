import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { type Kit, startTestApp, type TestApp } from '../test/testkit.ts';

// Each turn starts Node in a sandbox, which takes seconds on a busy machine.
jest.setTimeout(60_000);

let app: TestApp;
let projectId: string;

beforeAll(async () => {
  app = await startTestApp();
}, 60_000);
beforeEach(async () => {
  projectId = await newProject(app);
});
afterAll(() => app?.close());

async function set(name: string, value?: string | null, more: Record<string, unknown> = {}, kit: Kit = app) {
  const { setEnvironmentVariable } = await kit.ask(
    `mutation ($input: SetEnvironmentVariableInput!) { setEnvironmentVariable(input: $input) {
       ... on EnvironmentVariable { name value isSecret scopes } ... on UserError { code message } ... on InvalidInput { field } } }`,
    { input: { projectId, name, value, ...more } },
  );
  return setEnvironmentVariable;
}

async function variables(kit: Kit = app) {
  const { project } = await kit.ask(
    'query ($id: ID!) { project(id: $id) { environmentVariables { name value isSecret scopes } } }',
    { id: projectId },
  );
  return project.environmentVariables;
}

async function importText(text: string, more: Record<string, unknown> = {}) {
  const { importEnvironmentVariables } = await app.ask(
    `mutation ($input: ImportEnvironmentVariablesInput!) { importEnvironmentVariables(input: $input) {
       ... on ImportEnvironmentVariablesSuccess { variables { name value } refusedLines { line name reason } }
       ... on UserError { code message } } }`,
    { input: { projectId, text, ...more } },
  );
  return importEnvironmentVariables;
}

const said = (events: { text?: string }[]) => events.map(({ text }) => text ?? '').join('');

/** Every row of every table, as text. */
async function dump(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query(`SELECT t::text AS row FROM ${name} AS t`);
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

async function filesBelow(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name)));
  return (await Promise.all(texts)).map((content) => content.toString('latin1')).join('\n');
}

describe('an environment variable of a project', () => {
  it('reaches the agent and the commands it runs', async () => {
    await set('GREETING', 'hello "there"\n$HOME', { isSecret: false });
    const session = await newSession(app, projectId);
    expect(said(await talk(app, session.id, '!printf %s "$GREETING"'))).toContain('hello "there"\n$HOME');
  });

  it('reaches the next turn when it was changed, without a new chat', async () => {
    await set('STAGE', 'first-stage', { isSecret: false });
    const session = await newSession(app, projectId);
    expect(said(await talk(app, session.id, '!echo "is $STAGE"'))).toContain('is first-stage');
    await set('STAGE', 'second-stage');
    expect(said(await talk(app, session.id, '!echo "is $STAGE"'))).toContain('is second-stage');
    await app.ask('mutation ($id: ID!) { deleteEnvironmentVariable(projectId: $id, name: "STAGE") { __typename } }', {
      id: projectId,
    });
    expect(said(await talk(app, session.id, '!echo "is [$STAGE]"'))).toContain('is []');
  });

  it('reaches only those it is for', async () => {
    await set('FOR_SETUP', 'setup-only-value', { scopes: ['SETUP'] });
    const session = await newSession(app, projectId);
    expect(said(await talk(app, session.id, '!env'))).not.toContain('FOR_SETUP');
  });

  it('is readable again only when it is no secret, and a secret never becomes readable', async () => {
    expect(await set('PLAIN', 'seen', { isSecret: false })).toMatchObject({ value: 'seen', isSecret: false });
    expect(await set('HIDDEN', 'unseen')).toMatchObject({ value: null, isSecret: true });
    expect(await set('HIDDEN', undefined, { isSecret: false })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'value',
    });
    expect(await set('HIDDEN', undefined, { scopes: ['AGENT'] })).toMatchObject({ value: null, scopes: ['AGENT'] });
    expect(await variables()).toMatchObject([
      { name: 'HIDDEN', value: null },
      { name: 'PLAIN', value: 'seen' },
    ]);
    expect(await set('HIDDEN', 'new', { isSecret: false })).toMatchObject({ value: 'new' });
  });

  it.each([
    ...['1A', 'A-B', 'A B', 'A=B', '', 'Ä', 'A\n', 'A'.repeat(129)],
    ...['PATH', 'HOME', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'BASH_ENV', 'GIT_DIR', 'KOSUKE_X'],
  ])('is refused under the name %j', async (name) => {
    expect(await set(name, 'x')).toMatchObject({ code: 'INVALID_INPUT', field: 'name' });
    expect(await variables()).toEqual([]);
  });

  it('is refused with a value no program could be given', async () => {
    expect(await set('A', 'a\0b')).toMatchObject({ field: 'value' });
    expect(await set('A', 'x'.repeat(32_769))).toMatchObject({ field: 'value' });
    expect(await set('A')).toMatchObject({ field: 'value' });
    expect(await set('A', 'x', { scopes: [] })).toMatchObject({ field: 'scopes' });
    expect(await set('A', 'x'.repeat(32_768))).toMatchObject({ name: 'A' });
  });

  it('is refused beyond what programs can be started with', async () => {
    const lines = Array.from({ length: 201 }, (_, index) => `V${index}=${index}`);
    const many = await importText(lines.join('\n'));
    expect(many.variables).toHaveLength(200);
    expect(many.refusedLines).toEqual([{ line: 201, name: 'V200', reason: expect.stringContaining('at most 200') }]);
    projectId = await newProject(app);
    for (let index = 0; index < 15; index += 1) await set(`BIG_${index}`, 'x'.repeat(32_768));
    expect(await set('LAST', 'x'.repeat(32_768))).toMatchObject({ field: 'value' });
    expect(await set('BIG_0', 'y'.repeat(32_768))).toMatchObject({ name: 'BIG_0' });
  });

  it('comes from a .env file, which names the lines that cannot be used', async () => {
    const result = await importText('A=1\nexport B="two"\nPATH=/evil\nwords\nA=3\n', { isSecret: false });
    expect(result.variables).toEqual([
      { name: 'A', value: '3' },
      { name: 'B', value: 'two' },
    ]);
    expect(result.refusedLines).toEqual([
      { line: 3, name: 'PATH', reason: expect.stringContaining('sandbox') },
      { line: 4, name: null, reason: expect.any(String) },
    ]);
  });

  it('does not exist in a project that does not exist', async () => {
    projectId = '999999';
    expect(await set('A', 'x')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await importText('A=1')).toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('the value of a secret is nowhere: not in the database, the data folder, an answer or the transcript', async () => {
  const secret = 'canary-5f3a-9Zq_';
  await set('TOKEN', secret);
  const session = await newSession(app, projectId);
  const half = secret.length / 2;
  const events = await talk(
    app,
    session.id,
    `!printf 'a %s b\\n' "$TOKEN"; printf %s "\${TOKEN:0:${half}}"; sleep 0.3; printf %s "\${TOKEN:${half}}"; echo; echo "$TOKEN" | cut -c1-5`,
  );
  expect(said(events)).toContain('a *** b\n***\ncanar');
  expect(JSON.stringify(events)).not.toContain(secret);
  expect(JSON.stringify(await variables())).not.toContain(secret);
  expect(await dump(app.databaseUrl)).toContain('TOKEN');
  expect(await dump(app.databaseUrl)).not.toContain(secret);
  expect(await filesBelow(app.dataDir)).not.toContain(secret);
});
