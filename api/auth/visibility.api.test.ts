import { newProject, newSession, send, talk } from '../test/conversation.ts';
import { signInMember } from '../test/member.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(() => kit?.close());

describe('what is not mine', () => {
  it('cannot be told from what does not exist', async () => {
    const mika = await signInMember(kit, 'mika');
    const projectId = await newProject(kit);
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!echo secret');
    const said = await kit.ask('query ($id: ID!) { chatSession(id: $id) { messages { nodes { id } } } }', {
      id: session.id,
    });
    const { rewindSession } = await kit.ask(
      `mutation ($input: RewindSessionInput!) {
         rewindSession(input: $input) { ... on WorkspaceOperation { rewind { id } } }
       }`,
      { input: { chatSessionId: session.id, toMessageId: said.chatSession.messages.nodes[1].id } },
    );
    const rewindId = rewindSession.rewind.id;
    const { run, message } = await send(kit, session.id, '!sleep 600');
    const ids = { projectId, sessionId: session.id, runId: run.id, messageId: message.id, rewindId };

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
      `mutation ($projectId: ID!, $sessionId: ID!, $runId: ID!, $messageId: ID!, $rewindId: ID!) {
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
         rewindSession(input: { chatSessionId: $sessionId, beforeMessageId: $messageId }) { ${error} }
         restoreRewind(id: $rewindId) { ${error} }
         undoTurn(chatSessionId: $sessionId, messageId: $messageId) { ${error} }
         duplicateChatSession(input: { chatSessionId: $sessionId }) { ${error} }
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
    const noa = await signInMember(kit, 'noa');
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
