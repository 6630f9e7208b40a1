import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { newProject, newSession, send, talk } from '../test/conversation.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(() => kit?.close());

/** Somebody else on this server, signed in by a link as people are. Gives the headers of their browser. */
async function signInMember(name: string): Promise<Record<string, string>> {
  const token = randomBytes(32).toString('base64url');
  const database = new pg.Client({ connectionString: kit.databaseUrl });
  await database.connect();
  try {
    await database.query('INSERT INTO users (clerk_user_id, name) VALUES ($1, $1)', [name]);
    await database.query(
      "INSERT INTO sign_in_links (token_hash, user_id, expires_at) VALUES ($1, $2, now() + interval '1 minute')",
      [createHash('sha256').update(token).digest('hex'), name],
    );
  } finally {
    await database.end();
  }
  const answer = await fetch(`${kit.url}/sign-in?token=${token}`, { redirect: 'manual' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { cookie, origin: kit.url };
}

describe('what is not mine', () => {
  it('cannot be told from what does not exist', async () => {
    const mika = await signInMember('mika');
    const projectId = await newProject(kit);
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!echo secret');
    const { run, message } = await send(kit, session.id, '!sleep 600');
    const ids = { projectId, sessionId: session.id, runId: run.id, messageId: message.id };

    const { data } = await kit.answer(
      `query ($projectId: ID!, $sessionId: ID!, $runId: ID!) {
         viewer { name isOwner }
         project(id: $projectId) { id }
         chatSession(id: $sessionId) { id }
         run(id: $runId) { id }
         projects { totalCount }
       }`,
      ids,
      mika,
    );
    expect(data).toEqual({
      viewer: { name: 'mika', isOwner: false },
      project: null,
      chatSession: null,
      run: null,
      projects: { totalCount: 0 },
    });

    const error = '... on UserError { code }';
    const changes = await kit.answer(
      `mutation ($projectId: ID!, $sessionId: ID!, $runId: ID!, $messageId: ID!) {
         updateProject(input: { id: $projectId, name: "Mine" }) { ${error} }
         deleteProject(id: $projectId) { ${error} }
         createChatSession(input: { projectId: $projectId, title: "Mine" }) { ${error} }
         updateChatSession(input: { id: $sessionId, title: "Mine" }) { ${error} }
         archiveChatSession(id: $sessionId) { ${error} }
         deleteChatSession(id: $sessionId) { ${error} }
         selectChatSession(id: $sessionId) { ${error} }
         sendMessage(input: { chatSessionId: $sessionId, text: "!id" }) { ${error} }
         editQueuedMessage(id: $messageId, text: "!id") { ${error} }
         stopRun(id: $runId) { ${error} }
         retryRun(id: $runId) { ${error} }
       }`,
      ids,
      mika,
    );
    expect(changes.errors).toBeUndefined();
    expect(new Set(Object.values(changes.data).map((result) => (result as { code: string }).code))).toEqual(
      new Set(['NOT_FOUND']),
    );
    expect((await kit.ask('query ($id: ID!) { run(id: $id) { status } }', { id: run.id })).run.status).toMatch(
      /QUEUED|RUNNING/,
    );
  }, 60_000);

  it('does not keep anybody from what is theirs', async () => {
    const noa = await signInMember('noa');
    const made = await kit.answer(
      'mutation { createProject(input: { template: EMPTY, name: "Of Noa" }) { ... on Project { id } } }',
      {},
      noa,
    );
    const { data } = await kit.answer('{ projects { nodes { name } } }', {}, noa);
    expect(data.projects.nodes).toEqual([{ name: 'Of Noa' }]);
    const seenByOwner = await kit.ask('query ($id: ID!) { project(id: $id) { name } }', {
      id: made.data.createProject.id,
    });
    expect(seenByOwner.project).toEqual({ name: 'Of Noa' });
  });
});
