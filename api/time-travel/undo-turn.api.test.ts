import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { conversation, newProject, newSession, send, talk, untilEnded } from '../test/conversation.ts';
import { CutOff } from '../test/cut-off.ts';
import { git } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';
import { workspaceTree } from '../test/workspace-tree.ts';

jest.setTimeout(30_000);

const cutOff = new CutOff();
let app: TestApp;
let projectId: string;

beforeAll(async () => {
  app = await startTestApp({ KOSUKE_LOG_LEVEL: 'fatal' }, undefined, { checkpoint: cutOff.checkpoint });
  projectId = await newProject(app);
}, 60_000);
afterAll(() => app.close());

async function undo(chatSessionId: string, messageId: string) {
  const { undoTurn } = await app.ask(
    `mutation ($id: ID!, $message: ID!) { undoTurn(chatSessionId: $id, messageId: $message) {
       ... on WorkspaceOperation { kind status errorCode errorMessage errorPaths rewind { id } }
       ... on UserError { code message }
     } }`,
    { id: chatSessionId, message: messageId },
  );
  return undoTurn;
}

const workspaceOf = (sessionId: string) => join(app.dataDir, 'projects', projectId, 'sessions', sessionId);
const tree = (sessionId: string) => workspaceTree(workspaceOf(sessionId));

async function messagesOf(id: string) {
  const { chatSession } = await app.ask(
    `query ($id: ID!) { chatSession(id: $id) { messages(last: 100) { nodes {
       id number role text author { id } run { id } undoesMessageId undoneByMessageId
       parts { __typename ... on NoticePart { code notice: text } ... on CommitPart { sha title files { path kind } } }
     } } } }`,
    { id },
  );
  return chatSession.messages.nodes;
}

async function idOf(sessionId: string, number: number): Promise<string> {
  return (await messagesOf(sessionId)).find((node: { number: number }) => node.number === number).id;
}

async function turns(...commands: string[]) {
  const session = await newSession(app, projectId);
  for (const command of commands) await talk(app, session.id, command);
  return session;
}

describe('undoing a turn', () => {
  it('takes back what it did to the files and nothing else, and says so in the conversation', async () => {
    const session = await turns('!echo one > one', '!echo two > two');
    const id = await idOf(session.id, 2);
    expect(await undo(session.id, id)).toMatchObject({
      kind: 'UNDO_TURN',
      status: 'SUCCEEDED',
      errorPaths: [],
      rewind: null,
    });
    expect(await tree(session.id)).toEqual({ 'README.md': '# New project\n', two: 'two\n' });
    const messages = await messagesOf(session.id);
    expect(messages[1].undoneByMessageId).toBe(messages[4].id);
    const head = await git(workspaceOf(session.id), 'rev-parse', 'HEAD');
    expect(messages[4]).toMatchObject({
      number: 5,
      role: 'ASSISTANT',
      text: '',
      run: null,
      undoesMessageId: id,
      undoneByMessageId: null,
      parts: [
        { __typename: 'NoticePart', code: 'turn-undone', notice: expect.stringContaining('message 2') },
        { __typename: 'CommitPart', sha: head, title: expect.stringContaining('Revert "'), files: [{ path: 'one' }] },
      ],
    });
    expect(messages[4].author.id).toBeTruthy();
    expect(await git(workspaceOf(session.id), 'log', '-1', '--format=%b')).toContain('This reverts commit');
    expect((await conversation(app, session.id)).workspace.headSha).toBe(head);
    // And on it goes.
    const seen = await talk(app, session.id, '!echo three > three');
    expect(seen.at(-1).run.status).toBe('SUCCEEDED');
    expect(await tree(session.id)).toMatchObject({ two: 'two\n', three: 'three\n' });
  });

  it('can be undone, too', async () => {
    const session = await turns('!echo one > one');
    await undo(session.id, await idOf(session.id, 2));
    expect(await tree(session.id)).not.toHaveProperty('one');
    expect(await undo(session.id, await idOf(session.id, 3))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await tree(session.id)).toMatchObject({ one: 'one\n' });
  });

  it('of a turn that later ones built upon names the files, and changes nothing', async () => {
    const session = await turns('!echo one > file; echo x > other', '!echo two > file');
    const head = await git(workspaceOf(session.id), 'rev-parse', 'HEAD');
    const failed = await undo(session.id, await idOf(session.id, 2));
    expect(failed).toMatchObject({ status: 'FAILED', errorCode: 'UNDO_CONFLICT', errorPaths: ['file'] });
    expect(failed.errorMessage).toContain('in file');
    expect(await git(workspaceOf(session.id), 'rev-parse', 'HEAD')).toBe(head);
    expect(await messagesOf(session.id)).toHaveLength(4);
  });

  it('never overwrites what is not committed', async () => {
    const session = await turns('!echo one > file');
    await writeFile(join(workspaceOf(session.id), 'file'), 'mine');
    await writeFile(join(workspaceOf(session.id), 'loose'), 'mine');
    expect(await undo(session.id, await idOf(session.id, 2))).toMatchObject({
      status: 'FAILED',
      errorCode: 'UNCOMMITTED_CHANGES',
      errorPaths: ['file'],
    });
    expect(await tree(session.id)).toMatchObject({ file: 'mine', loose: 'mine' });
  });

  it('that was undone already says so', async () => {
    const session = await turns('!echo one > one');
    await undo(session.id, await idOf(session.id, 2));
    expect(await undo(session.id, await idOf(session.id, 2))).toMatchObject({
      status: 'FAILED',
      errorCode: 'NOTHING_TO_UNDO',
    });
  });

  it('is refused for turns without a commit, in other sessions, and while the agent is at work', async () => {
    const [session, other] = [await turns('!true', '!echo one > one'), await turns('!true')];
    expect(await undo(session.id, await idOf(session.id, 2))).toMatchObject({ code: 'NOTHING_TO_UNDO' });
    expect(await undo(other.id, await idOf(session.id, 4))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await undo('nosuchsession', await idOf(session.id, 4))).toMatchObject({ code: 'NOT_FOUND' });
    const { run } = await send(app, session.id, '!sleep 30');
    expect(await undo(session.id, await idOf(session.id, 4))).toMatchObject({ code: 'RUN_UNDER_WAY' });
    await app.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
    await untilEnded(app, session.id, run.id);
  });

  it.each(['undo: committed', 'undo: told'])(
    'cut off at "%s" is done once',
    async (step) => {
      const session = await turns('!echo one > one', '!echo two > two');
      const id = await idOf(session.id, 2);
      app = await cutOff.at(step, app, () => undo(session.id, id));
      for (let status = ''; status !== 'SUCCEEDED'; ) {
        const query = 'query ($id: ID!) { chatSession(id: $id) { latestOperation { status } } }';
        status = (await app.ask(query, { id: session.id })).chatSession.latestOperation.status;
      }
      expect(await tree(session.id)).toEqual({ 'README.md': '# New project\n', two: 'two\n' });
      expect(await messagesOf(session.id)).toHaveLength(5);
      expect(await git(workspaceOf(session.id), 'rev-list', '--count', 'HEAD')).toBe('4');
    },
    60_000,
  );
});
