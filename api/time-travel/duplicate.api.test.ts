import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { GitProcesses } from '../git/git-processes.ts';
import {
  conversation,
  events,
  newProject,
  newSession,
  type SeenEvent,
  send,
  talk,
  untilEnded,
} from '../test/conversation.ts';
import { git } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';
import { workspaceTree } from '../test/workspace-tree.ts';

jest.setTimeout(30_000);

let app: TestApp;
let projectId: string;

beforeAll(async () => {
  app = await startTestApp();
  projectId = await newProject(app);
}, 60_000);
afterAll(() => app.close());

async function duplicate(chatSessionId: string, more: Record<string, unknown> = {}) {
  const { duplicateChatSession } = await app.ask(
    `mutation ($input: DuplicateChatSessionInput!) { duplicateChatSession(input: $input) {
       ... on ChatSession { id title branch baseBranch status isDefault messageCount unreadCount lastSeq }
       ... on UserError { code message }
     } }`,
    { input: { chatSessionId, ...more } },
  );
  return duplicateChatSession;
}

const workspaceOf = (sessionId: string) => join(app.dataDir, 'projects', projectId, 'sessions', sessionId);
const baseOf = () => join(app.dataDir, 'projects', projectId, 'main');
const tree = (sessionId: string) => workspaceTree(workspaceOf(sessionId));

async function write(sessionId: string, name: string, content: string): Promise<void> {
  await mkdir(dirname(join(workspaceOf(sessionId), name)), { recursive: true });
  await writeFile(join(workspaceOf(sessionId), name), content);
}

/** Its directory is freed a moment after it was archived; until then nothing else is done to it. */
async function putAway(id: string) {
  const asked = 'query ($id: ID!) { chatSession(id: $id) { latestOperation { kind status } } }';
  for (;;) {
    const { latestOperation } = (await app.ask(asked, { id })).chatSession;
    if (latestOperation?.kind === 'ARCHIVE' && latestOperation.status === 'SUCCEEDED') return;
  }
}

/** The session once its workspace is there. */
async function ready(id: string) {
  for (;;) {
    const chat = await conversation(app, id);
    if (chat.workspace.status !== 'PREPARING') return chat;
  }
}

/** What was said, without what differs between a conversation and its copy. */
async function said(id: string) {
  const { nodes } = (await conversation(app, id)).messages;
  return nodes.map(({ number, role, status, text, author, parts }: SeenEvent) => ({
    ...{ number, role, status, text, author },
    parts: parts.map((part: SeenEvent) => ({ ...part, branch: null })),
  }));
}

async function idOf(sessionId: string, number: number): Promise<string> {
  const { nodes } = (await conversation(app, sessionId)).messages;
  return nodes.find((node: { number: number }) => node.number === number).id;
}

async function turns(...commands: string[]) {
  const session = await newSession(app, projectId, 'Shop');
  for (const command of commands) await talk(app, session.id, command);
  return session;
}

const README = { 'README.md': '# New project\n' };

describe('a copy of a session', () => {
  it('has its conversation and its files, also those that are not committed, on a branch of its own', async () => {
    const session = await turns('!echo one > one', '!echo two > two; echo .cache > .gitignore');
    await write(session.id, 'one', 'not committed');
    await write(session.id, 'dir/run.sh', 'x');
    await chmod(join(workspaceOf(session.id), 'dir/run.sh'), 0o755);
    await symlink('/nowhere', join(workspaceOf(session.id), 'link'));
    await write(session.id, '.cache', 'ignored');
    const copy = await duplicate(session.id);
    expect(copy).toMatchObject({
      title: 'Copy of Shop',
      branch: `kosuke-chat-${copy.id}`,
      baseBranch: 'main',
      status: 'ACTIVE',
      isDefault: false,
      messageCount: 4,
      unreadCount: 0,
      lastSeq: 4,
    });
    expect((await ready(copy.id)).workspace).toMatchObject({
      status: 'READY',
      headSha: await git(workspaceOf(session.id), 'rev-parse', 'HEAD'),
    });
    const { '.cache': _, ...files } = await tree(session.id);
    expect(await tree(copy.id)).toEqual(files);
    expect(await said(copy.id)).toEqual(await said(session.id));
    for (const args of [
      ['rev-parse', 'HEAD'],
      ['status', '--porcelain'],
    ]) {
      expect(await git(workspaceOf(copy.id), ...args)).toBe(await git(workspaceOf(session.id), ...args));
    }
    expect(await git(workspaceOf(copy.id), 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${copy.branch}`);
    const commits = (await conversation(app, copy.id)).messages.nodes[1].parts.filter(
      (part: SeenEvent) => part.__typename === 'CommitPart',
    );
    expect(commits).toMatchObject([{ branch: copy.branch }]);
    // What was kept on the way is let go of.
    expect(await git(baseOf(), 'for-each-ref', `refs/kosuke/rescue/${copy.id}`)).toBe('');
  });

  it('goes its own way, and leaves the other one as it was', async () => {
    const session = await turns('!echo one > one');
    const before = { tree: await tree(session.id), said: await said(session.id) };
    const copy = await duplicate(session.id);
    const seen = await talk(app, copy.id, '!echo two > one');
    expect(seen.at(-1).run.status).toBe('SUCCEEDED');
    expect(await tree(copy.id)).toEqual({ ...README, one: 'two\n' });
    expect({ tree: await tree(session.id), said: await said(session.id) }).toEqual(before);
    expect((await conversation(app, copy.id)).messages.nodes.map(({ number }: SeenEvent) => number)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(await readdir(join(app.dataDir, 'projects', projectId, 'homes'))).toEqual(
      expect.arrayContaining([session.id, copy.id]),
    );
  });

  it('has a log that begins with all that was said', async () => {
    const session = await turns('!echo one > one; echo said');
    const copy = await duplicate(session.id);
    const seen: SeenEvent[] = [];
    for await (const event of events(app, copy.id, 0)) {
      seen.push(event);
      if (seen.length === 2) break;
    }
    const { nodes } = (await conversation(app, copy.id)).messages;
    expect(seen.map(({ __typename, seq }) => [__typename, seq])).toEqual([
      ['MessageAdded', 1],
      ['MessageAdded', 2],
    ]);
    for (const [index, { message }] of seen.entries()) {
      const { id, number, role, status, text } = nodes[index];
      expect(message).toMatchObject({ id, number, role, status, text });
      expect(message.parts).toHaveLength(nodes[index].parts.length);
    }
    await talk(app, copy.id, '!true');
    const after = await untilEnded(app, copy.id, (await conversation(app, copy.id)).latestRun.id);
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + 1));
  });

  it('up to a message has the files as of that message', async () => {
    const session = await turns('!echo one > one', '!echo two > two', '!echo three > three');
    await write(session.id, 'loose', 'not committed');
    const copy = await duplicate(session.id, { upToMessageId: await idOf(session.id, 4), title: ' From the middle ' });
    expect(copy).toMatchObject({ title: 'From the middle', messageCount: 4 });
    await ready(copy.id);
    expect(await tree(copy.id)).toEqual({ ...README, one: 'one\n', two: 'two\n' });
    const first = await duplicate(session.id, { upToMessageId: await idOf(session.id, 1) });
    await ready(first.id);
    expect(await tree(first.id)).toEqual(README);
    expect(first.messageCount).toBe(1);
  });

  it('of a copy, made before that one has its files, has them too', async () => {
    const session = await turns('!echo one > one');
    await write(session.id, 'loose', 'not committed');
    const copy = await duplicate(session.id);
    const second = await duplicate(copy.id);
    const third = await duplicate(copy.id, { upToMessageId: await idOf(copy.id, 2) });
    expect(second.title).toBe('Copy of Copy of Shop');
    for (const { id } of [copy, second, third]) await ready(id);
    expect(await tree(second.id)).toEqual({ ...README, one: 'one\n', loose: 'not committed' });
    expect(await tree(third.id)).toEqual({ ...README, one: 'one\n' });
    expect(await said(second.id)).toEqual(await said(session.id));
  });

  it('leaves out what was taken back', async () => {
    const session = await turns('!echo one > one', '!echo two > two');
    await app.ask(
      'mutation ($input: RewindSessionInput!) { rewindSession(input: $input) { ... on WorkspaceOperation { status } } }',
      { input: { chatSessionId: session.id, toMessageId: await idOf(session.id, 2) } },
    );
    await talk(app, session.id, '!echo three > three');
    const copy = await duplicate(session.id);
    await ready(copy.id);
    expect((await said(copy.id)).map(({ number }: SeenEvent) => number)).toEqual([1, 2, 3, 4]);
    expect(await tree(copy.id)).toEqual({ ...README, one: 'one\n', three: 'three\n' });
  });

  it('knows what undid what', async () => {
    const session = await turns('!echo one > one');
    await app.ask(
      'mutation ($id: ID!, $message: ID!) { undoTurn(chatSessionId: $id, messageId: $message) { __typename } }',
      { id: session.id, message: await idOf(session.id, 2) },
    );
    const copy = await duplicate(session.id);
    const { chatSession } = await app.ask(
      'query ($id: ID!) { chatSession(id: $id) { messages { nodes { id undoesMessageId undoneByMessageId } } } }',
      { id: copy.id },
    );
    const [, second, third] = chatSession.messages.nodes;
    expect(third.undoesMessageId).toBe(second.id);
    expect(second.undoneByMessageId).toBe(third.id);
  });

  it('of one that left its branch has the files that lie there', async () => {
    const session = await turns('!echo one > one', '!echo two > two');
    await git(workspaceOf(session.id), 'checkout', '--quiet', '--detach', 'HEAD~1');
    const copy = await duplicate(session.id);
    await ready(copy.id);
    expect(await tree(copy.id)).toEqual({ ...README, one: 'one\n' });
    expect(await git(workspaceOf(copy.id), 'rev-parse', 'HEAD')).toBe(
      await git(workspaceOf(session.id), 'rev-parse', session.branch),
    );
  });

  it('can be made of one that is put away', async () => {
    const session = await turns('!echo one > one');
    await write(session.id, 'loose', 'not committed');
    await app.ask('mutation ($id: ID!) { archiveChatSession(id: $id) { __typename } }', { id: session.id });
    await putAway(session.id);
    const copy = await duplicate(session.id);
    expect(copy.status).toBe('ACTIVE');
    await ready(copy.id);
    expect(await tree(copy.id)).toEqual({ ...README, one: 'one\n', loose: 'not committed' });
  });

  it('can be made of one whose directory was freed', async () => {
    const session = await turns('!echo one > one');
    await write(session.id, 'loose', 'not committed');
    const place = { path: workspaceOf(session.id), basePath: baseOf(), branch: session.branch };
    const door = new GitProcesses();
    const ref = `refs/kosuke/rescue/${session.id}/archive/0000000001`;
    await door.snapshot({ ...place, ref, title: 'Freed' }).finally(() => door.close());
    await rm(place.path, { recursive: true });
    const copy = await duplicate(session.id);
    await ready(copy.id);
    expect(await tree(copy.id)).toEqual({ ...README, one: 'one\n', loose: 'not committed' });
    expect(await git(workspaceOf(copy.id), 'status', '--porcelain')).toBe('?? loose');
  });

  it('is made once, however often the same is asked for', async () => {
    const session = await turns('!echo one > one');
    const asked = () => duplicate(session.id, { clientMutationId: `copy of ${session.id}` });
    const [one, two] = await Promise.all([asked(), asked()]);
    expect(two.id).toBe(one.id);
    expect((await asked()).id).toBe(one.id);
  });

  it('is made beside others', async () => {
    const session = await turns('!echo one > one');
    const made = await Promise.all([
      duplicate(session.id),
      newSession(app, projectId),
      duplicate(session.id),
      newSession(app, projectId),
    ]);
    for (const { id } of made) expect((await ready(id)).workspace.status).toBe('READY');
    expect(await tree(made[0].id)).toEqual({ ...README, one: 'one\n' });
    expect(await tree(made[1].id)).toEqual(README);
    expect(await tree(made[2].id)).toEqual({ ...README, one: 'one\n' });
  });

  it('of a session whose workspace is not there yet begins as that one does', async () => {
    const session = await newSession(app, projectId);
    const copy = await duplicate(session.id);
    await ready(copy.id);
    expect(await tree(copy.id)).toEqual(README);
  });
});

describe('it is refused', () => {
  it('while the agent is at work, but for what was said before', async () => {
    const session = await turns('!echo one > one');
    const { run } = await send(app, session.id, '!sleep 30');
    const refused = await duplicate(session.id);
    expect(refused).toMatchObject({
      code: 'RUN_UNDER_WAY',
      message: expect.stringContaining('from one of its messages'),
    });
    const copy = await duplicate(session.id, { upToMessageId: await idOf(session.id, 2) });
    await ready(copy.id);
    expect(await tree(copy.id)).toEqual({ ...README, one: 'one\n' });
    await app.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
    await untilEnded(app, session.id, run.id);
  });

  it('for what is not there, in the trash, or of another session, and with a bad title', async () => {
    const [session, other] = [await turns('!true'), await newSession(app, projectId)];
    const message = await idOf(session.id, 2);
    const notFound = { code: 'NOT_FOUND' };
    expect(await duplicate('nosuchsession')).toMatchObject(notFound);
    expect(await duplicate(other.id, { upToMessageId: message })).toMatchObject(notFound);
    expect(await duplicate(session.id, { upToMessageId: 'x' })).toMatchObject(notFound);
    expect(await duplicate(session.id, { title: ' ' })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await duplicate(session.id, { title: 'x'.repeat(101) })).toMatchObject({ code: 'INVALID_INPUT' });
    await app.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id: session.id });
    expect(await duplicate(session.id)).toMatchObject(notFound);
  });
});
