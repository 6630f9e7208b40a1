import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { conversation, newProject, newSession, send, talk, untilEnded } from '../test/conversation.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let app: TestApp;
let projectId: string;

beforeAll(async () => {
  app = await startTestApp();
  projectId = await newProject(app);
}, 60_000);
afterAll(() => app.close());

async function repair(chatSessionId: string) {
  const { repairBranch } = await app.ask(
    `mutation ($id: ID!) {
       repairBranch(chatSessionId: $id) {
         ... on WorkspaceOperation { id kind status errorCode errorMessage step finishedAt }
         ... on UserError { code message }
       }
     }`,
    { id: chatSessionId },
  );
  return repairBranch;
}

const headFile = (sessionId: string) => join(app.dataDir, 'projects', projectId, 'sessions', sessionId, '.git', 'HEAD');

async function row<T>(sql: string, values: unknown[]): Promise<T> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows[0];
  } finally {
    await client.end();
  }
}

describe('an operation on a workspace', () => {
  it('has ended when the mutation answers, and what was wrong is put right', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!echo one > one.txt');
    await writeFile(headFile(session.id), 'ref: refs/heads/elsewhere\n');
    expect((await conversation(app, session.id)).latestRun.status).toBe('SUCCEEDED');

    expect(await repair(session.id)).toMatchObject({ kind: 'REPAIR_BRANCH', status: 'SUCCEEDED', errorCode: null });
    expect(await readFile(headFile(session.id), 'utf8')).toBe(`ref: refs/heads/${session.branch}\n`);
    const events = await talk(app, session.id, '!echo two > two.txt');
    expect(events.findLast((event) => event.__typename === 'RunUpdated').run.status).toBe('SUCCEEDED');
  });

  it('is the newest one its session tells of, and can be asked for by its id', async () => {
    const session = await newSession(app, projectId);
    const operation = await repair(session.id);
    const { chatSession, workspaceOperation } = await app.ask(
      `query ($id: ID!, $operation: ID!) {
         chatSession(id: $id) { latestOperation { id status } }
         workspaceOperation(id: $operation) { id status }
       }`,
      { id: session.id, operation: operation.id },
    );
    expect(chatSession.latestOperation).toEqual({ id: operation.id, status: 'SUCCEEDED' });
    expect(workspaceOperation).toEqual(chatSession.latestOperation);
  });

  it('is refused while the agent is at work', async () => {
    const session = await newSession(app, projectId);
    const { run } = await send(app, session.id, '!sleep 30');
    expect(await repair(session.id)).toMatchObject({ code: 'RUN_UNDER_WAY' });
    await app.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
    await untilEnded(app, session.id, run.id);
    expect(await repair(session.id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('does not exist for a session that does not exist', async () => {
    expect(await repair('nosuchsession')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is told as failed, with the reason, when it cannot be done', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!true');
    const elsewhere = join(headFile(session.id), '..', 'commondir');
    await writeFile(elsewhere, '/nowhere\n');
    const failed = await repair(session.id);
    await rm(elsewhere);
    expect(failed).toMatchObject({ status: 'FAILED', errorCode: 'unsafe-tree', step: null });
    expect(failed.finishedAt).not.toBeNull();
    expect(failed.errorMessage).toContain('commondir');
    expect(await repair(session.id)).toMatchObject({ status: 'SUCCEEDED', errorCode: null });
  });
});

it('a message sent while an operation is under way waits behind it', async () => {
  const session = await newSession(app, projectId);
  await talk(app, session.id, '!true');
  const key = (await row<{ id: number }>('SELECT id FROM chat_sessions WHERE session_id = $1', [session.id])).id;
  // One that no runner takes: it has no job yet.
  const { id } = await row<{ id: number }>(
    "INSERT INTO workspace_operations (chat_session_id, kind) VALUES ($1, 'repair_branch') RETURNING id",
    [key],
  );
  const { message } = await send(app, session.id, '!echo later');
  expect(message).toMatchObject({ status: 'QUEUED', number: null });
  expect(await repair(session.id)).toMatchObject({ code: 'RUN_UNDER_WAY' });
  await row("UPDATE workspace_operations SET status = 'succeeded' WHERE id = $1", [id]);
}, 30_000);

it('an operation that was cut off by the end of the server is carried out after the next start', async () => {
  const first = await startTestApp();
  const project = await newProject(first);
  const session = await newSession(first, project);
  await talk(first, session.id, '!true');
  const client = new pg.Client({ connectionString: first.databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    `INSERT INTO workspace_operations (chat_session_id, kind, status)
     SELECT id, 'repair_branch', 'running' FROM chat_sessions WHERE session_id = $1 RETURNING id`,
    [session.id],
  );
  await writeFile(
    join(first.dataDir, 'projects', project, 'sessions', session.id, '.git', 'HEAD'),
    'ref: refs/heads/x\n',
  );
  const again = await first.restart();
  const status = async () =>
    (await client.query('SELECT status FROM workspace_operations WHERE id = $1', [rows[0].id])).rows[0].status;
  while ((await status()) !== 'succeeded') await delay(20);
  const head = join(first.dataDir, 'projects', project, 'sessions', session.id, '.git', 'HEAD');
  expect(await readFile(head, 'utf8')).toBe(`ref: refs/heads/${session.branch}\n`);
  await client.end();
  await again.close();
}, 60_000);
