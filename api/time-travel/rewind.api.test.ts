import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
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
import { CutOff } from '../test/cut-off.ts';
import { git } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';
import { workspaceTree } from '../test/workspace-tree.ts';

jest.setTimeout(30_000);

const cutOff = new CutOff();
let app: TestApp;
let projectId: string;
/** A repository without commits: a session begins with no file at all. */
let source: string;

beforeAll(async () => {
  app = await startTestApp({ KOSUKE_LOG_LEVEL: 'fatal' }, undefined, { checkpoint: cutOff.checkpoint });
  source = await mkdtemp(join(tmpdir(), 'kosuke-test-empty-'));
  await git(source, 'init', '--quiet', '--initial-branch=main');
  projectId = await newProject(app, { localPath: source });
}, 60_000);
afterAll(async () => {
  await app.close();
  await rm(source, { recursive: true });
});

const OPERATION = `
  ... on WorkspaceOperation {
    id status errorCode errorMessage
    rewind {
      id kind messageCount fileCount promptText restoredRewindId restoredAt skippedPaths keptPaths
      author { name } files { path kind }
    }
  }
  ... on UserError { code message }`;

async function rewind(chatSessionId: string, to: { toMessageId?: string; beforeMessageId?: string }) {
  const { rewindSession } = await app.ask(
    `mutation ($input: RewindSessionInput!) { rewindSession(input: $input) { ${OPERATION} } }`,
    { input: { chatSessionId, ...to } },
  );
  return rewindSession;
}

async function restore(id: string) {
  return (await app.ask(`mutation ($id: ID!) { restoreRewind(id: $id) { ${OPERATION} } }`, { id })).restoreRewind;
}

async function rewindsOf(id: string) {
  const { chatSession } = await app.ask(
    `query ($id: ID!) { chatSession(id: $id) { latestOperation { status } rewinds(first: 10) { totalCount nodes {
       id kind messageCount fileCount restoredAt restoredRewindId createdAt author { name } } } } }`,
    { id },
  );
  return chatSession.rewinds;
}

const workspaceOf = (sessionId: string) => join(app.dataDir, 'projects', projectId, 'sessions', sessionId);
const baseOf = () => join(app.dataDir, 'projects', projectId, 'main');
const tree = (sessionId: string) => workspaceTree(workspaceOf(sessionId));

async function write(sessionId: string, name: string, content: string): Promise<void> {
  await mkdir(dirname(join(workspaceOf(sessionId), name)), { recursive: true });
  await writeFile(join(workspaceOf(sessionId), name), content);
}

/** The numbers of the conversation. */
async function numbers(sessionId: string): Promise<number[]> {
  return (await conversation(app, sessionId)).messages.nodes.map(({ number }: { number: number }) => number);
}

async function idOf(sessionId: string, number: number): Promise<string> {
  const { nodes } = (await conversation(app, sessionId)).messages;
  return nodes.find((node: { number: number }) => node.number === number).id;
}

/** Three turns: messages 1 to 6, with a file each and one that all of them change. */
async function threeTurns(): Promise<{ id: string; branch: string }> {
  const session = await newSession(app, projectId);
  for (const turn of ['one', 'two', 'three'])
    await talk(app, session.id, `!echo ${turn} > ${turn}; echo ${turn} > all`);
  return session;
}

/** Everything that a person can see of a session, apart from times. */
async function everything(sessionId: string, branch: string) {
  const { messages, messageCount, unreadCount, workspace } = await conversation(app, sessionId);
  return {
    messages,
    messageCount,
    unreadCount,
    workspace,
    tree: await tree(sessionId),
    status: await git(workspaceOf(sessionId), 'status', '--porcelain'),
    head: await git(workspaceOf(sessionId), 'rev-parse', 'HEAD'),
    base: await git(baseOf(), 'rev-parse', branch),
  };
}

describe('going back to a message', () => {
  it('takes the conversation and the files back, and keeps all of it', async () => {
    const session = await threeTurns();
    await write(session.id, 'all', 'not committed');
    await write(session.id, 'untracked', 'u');
    const result = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      errorCode: null,
      rewind: {
        kind: 'REWIND',
        messageCount: 4,
        fileCount: 4,
        promptText: null,
        restoredAt: null,
        skippedPaths: [],
        keptPaths: [],
        files: [
          { path: 'all', kind: 'MODIFIED' },
          { path: 'three', kind: 'ADDED' },
          { path: 'two', kind: 'ADDED' },
          { path: 'untracked', kind: 'ADDED' },
        ],
      },
    });
    expect(result.rewind.author.name).toBeTruthy();
    expect(await numbers(session.id)).toEqual([1, 2]);
    const chat = await conversation(app, session.id);
    expect(chat).toMatchObject({ messageCount: 2, unreadCount: 0, messages: { totalCount: 2 } });
    expect(await tree(session.id)).toEqual({ one: 'one\n', all: 'one\n' });
    expect(await git(workspaceOf(session.id), 'status', '--porcelain')).toBe('');
    const head = await git(workspaceOf(session.id), 'rev-parse', 'HEAD');
    expect(chat.workspace).toMatchObject({ status: 'READY', message: null, headSha: head });
    expect(await git(baseOf(), 'rev-parse', session.branch)).toBe(head);
  });

  it('and forth again: everything is as it was', async () => {
    const session = await threeTurns();
    await write(session.id, 'all', 'not committed');
    await write(session.id, 'run.sh', 'x');
    await chmod(join(workspaceOf(session.id), 'run.sh'), 0o755);
    await symlink('/nowhere', join(workspaceOf(session.id), 'link'));
    await rm(join(workspaceOf(session.id), 'one'));
    const before = await everything(session.id, session.branch);
    const { rewind: made } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    const back = await restore(made.id);
    expect(back).toMatchObject({
      status: 'SUCCEEDED',
      rewind: { kind: 'RESTORE', messageCount: 0, restoredRewindId: made.id },
    });
    expect(await everything(session.id, session.branch)).toEqual(before);
    const { totalCount, nodes } = await rewindsOf(session.id);
    expect(totalCount).toBe(2);
    expect(nodes[1]).toMatchObject({ id: made.id, kind: 'REWIND', messageCount: 4, restoredAt: expect.any(String) });
  });

  it('leaves ignored files alone', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!echo cache > .gitignore; mkdir cache; echo c > cache/c; echo one > one');
    await talk(app, session.id, '!echo two > two; echo d > cache/d');
    await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(await tree(session.id)).toEqual({
      '.gitignore': 'cache\n',
      'cache/c': 'c\n',
      'cache/d': 'd\n',
      one: 'one\n',
    });
  });

  it('gives numbers no second time, and goes on from there', async () => {
    const session = await threeTurns();
    await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    const seen = await talk(app, session.id, '!cat all > seen; ls > list');
    expect(seen.at(-1).run.status).toBe('SUCCEEDED');
    expect(await numbers(session.id)).toEqual([1, 2, 7, 8]);
    expect(await conversation(app, session.id)).toMatchObject({ messageCount: 4, unreadCount: 1 });
    expect(await tree(session.id)).toMatchObject({ seen: 'one\n' });
    expect(await git(workspaceOf(session.id), 'rev-list', '--count', 'HEAD')).toBe('2');
  });

  it('of a person leaves it waiting for an answer, with the files as before the one it had', async () => {
    const session = await threeTurns();
    await rewind(session.id, { toMessageId: await idOf(session.id, 3) });
    expect(await numbers(session.id)).toEqual([1, 2, 3]);
    expect(await tree(session.id)).toEqual({ one: 'one\n', all: 'one\n' });
  });

  it('that changed no file has them as of the last commit before it', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!echo one > one');
    await talk(app, session.id, '!echo nothing');
    await talk(app, session.id, '!echo two > two');
    await rewind(session.id, { toMessageId: await idOf(session.id, 4) });
    expect(await numbers(session.id)).toEqual([1, 2, 3, 4]);
    expect(await tree(session.id)).toEqual({ one: 'one\n' });
  });

  it('keeps the other sessions of the project as they are', async () => {
    const [session, other] = [await threeTurns(), await threeTurns()];
    const before = await everything(other.id, other.branch);
    await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(await everything(other.id, other.branch)).toEqual(before);
  });
});

describe('going back to before a message', () => {
  it('gives its words back, to be changed and sent again', async () => {
    const session = await threeTurns();
    const result = await rewind(session.id, { beforeMessageId: await idOf(session.id, 5) });
    expect(result.rewind).toMatchObject({ promptText: '!echo three > three; echo three > all', messageCount: 2 });
    expect(await numbers(session.id)).toEqual([1, 2, 3, 4]);
    expect(await tree(session.id)).toEqual({ one: 'one\n', two: 'two\n', all: 'two\n' });
  });

  it('can be the first one: the session is empty, its files as it began', async () => {
    const session = await threeTurns();
    const before = await everything(session.id, session.branch);
    const result = await rewind(session.id, { beforeMessageId: await idOf(session.id, 1) });
    expect(result.status).toBe('SUCCEEDED');
    expect(await numbers(session.id)).toEqual([]);
    expect(await tree(session.id)).toEqual({});
    expect(await conversation(app, session.id)).toMatchObject({ messageCount: 0, unreadCount: 0, latestRun: null });
    // Its repository has no commit, and so has its branch none.
    expect(await git(workspaceOf(session.id), 'status', '--porcelain', '--branch')).toContain('No commits yet');
    await restore(result.rewind.id);
    expect(await everything(session.id, session.branch)).toEqual(before);
  });

  it('is for messages of people', async () => {
    const session = await threeTurns();
    expect(await rewind(session.id, { beforeMessageId: await idOf(session.id, 2) })).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('going forth again', () => {
  it('keeps what was said since, which can be brought back in turn', async () => {
    const session = await threeTurns();
    const before = await everything(session.id, session.branch);
    const { rewind: first } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    await talk(app, session.id, '!echo other > other; echo other > all');
    await write(session.id, 'loose', 'l');
    const since = await everything(session.id, session.branch);
    const { rewind: second } = await restore(first.id);
    expect(second).toMatchObject({ messageCount: 2, fileCount: 5 });
    expect({ ...(await everything(session.id, session.branch)), unreadCount: null }).toEqual({
      ...before,
      unreadCount: null,
    });
    // The undoing of the undoing.
    await restore(second.id);
    expect({ ...(await everything(session.id, session.branch)), unreadCount: null }).toEqual({
      ...since,
      unreadCount: null,
    });
    await restore(first.id);
    expect(await numbers(session.id)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('over two rewinds leads to what each of them found', async () => {
    const session = await threeTurns();
    const six = await everything(session.id, session.branch);
    const { rewind: first } = await rewind(session.id, { toMessageId: await idOf(session.id, 4) });
    const four = await everything(session.id, session.branch);
    const { rewind: second } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(await numbers(session.id)).toEqual([1, 2]);
    await restore(second.id);
    expect(await everything(session.id, session.branch)).toEqual(four);
    await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    await restore(first.id);
    expect(await everything(session.id, session.branch)).toEqual(six);
  });
});

describe('those who watch', () => {
  it('are told what left and what came back, in the same log', async () => {
    const session = await threeTurns();
    const { lastSeq } = await conversation(app, session.id);
    const watched = app.watch(
      `subscription ($id: ID!, $after: Int) { chatSessionEvents(chatSessionId: $id, after: $after) {
         __typename seq
         ... on ConversationRewound { rewindId removed { from to } messageCount }
         ... on ConversationRestored { rewindId restoredRewindId removed { from to } returned { from to } messageCount }
       } }`,
      { id: session.id, after: lastSeq },
    );
    const next = async () => (await watched.next()).value.chatSessionEvents;
    const { rewind: made } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(await next()).toEqual({
      __typename: 'ConversationRewound',
      seq: lastSeq + 1,
      rewindId: made.id,
      removed: [{ from: 3, to: 6 }],
      messageCount: 2,
    });
    const { rewind: undone } = await restore(made.id);
    expect(await next()).toEqual({
      __typename: 'ConversationRestored',
      seq: lastSeq + 2,
      rewindId: undone.id,
      restoredRewindId: made.id,
      removed: [],
      returned: [{ from: 3, to: 6 }],
      messageCount: 6,
    });
    await watched.return?.();
  });

  it('get the whole history in order, rewinds included', async () => {
    const session = await threeTurns();
    await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    const seen: SeenEvent[] = [];
    for await (const event of events(app, session.id, 0)) {
      seen.push(event);
      if (event.__typename === 'ConversationRewound') break;
    }
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
  });
});

describe('a workspace', () => {
  it('that left its branch is back on it, and as it was after going forth again', async () => {
    const session = await threeTurns();
    const path = workspaceOf(session.id);
    await git(path, 'checkout', '--quiet', '--detach', 'HEAD~1');
    await write(session.id, 'by hand', 'h');
    await git(path, 'add', 'by hand');
    await git(path, 'commit', '--quiet', '--message=By hand');
    const [lost, tip] = [await git(path, 'rev-parse', 'HEAD'), await git(path, 'rev-parse', session.branch)];
    const files = await tree(session.id);
    const { rewind: made } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(await git(path, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${session.branch}`);
    expect(await tree(session.id)).toEqual({ one: 'one\n', all: 'one\n' });
    expect(await git(baseOf(), 'for-each-ref', '--contains', lost, '--format=%(refname)')).toContain(
      'refs/kosuke/rescue/',
    );
    await restore(made.id);
    expect(await tree(session.id)).toEqual(files);
    expect(await git(path, 'rev-parse', session.branch)).toBe(tip);
  });

  it('that was lost is made anew first', async () => {
    const session = await threeTurns();
    await rm(workspaceOf(session.id), { recursive: true });
    expect(await rewind(session.id, { toMessageId: await idOf(session.id, 2) })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await tree(session.id)).toEqual({ one: 'one\n', all: 'one\n' });
  });

  it('with a file that git would convert goes back all the same', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!echo one > one');
    await talk(app, session.id, "!echo '*.bin filter=lfs' > .gitattributes; echo raw > big.bin");
    expect((await conversation(app, session.id)).latestRun.errorCode).toBe('filter-unsupported');
    const { rewind: made } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(await tree(session.id)).toEqual({ one: 'one\n' });
    await restore(made.id);
    expect(await tree(session.id)).toMatchObject({ 'big.bin': 'raw\n' });
  });

  it('keeps repositories of its own within it', async () => {
    const session = await threeTurns();
    await write(session.id, 'inner/file', 'x');
    await git(join(workspaceOf(session.id), 'inner'), 'init', '--quiet');
    const { rewind: made } = await rewind(session.id, { toMessageId: await idOf(session.id, 2) });
    expect(made.skippedPaths).toEqual(['inner']);
    expect(await tree(session.id)).toMatchObject({ 'inner/file': 'x' });
  });
});

describe('it is refused', () => {
  it('while the agent is at work', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!echo one > one');
    const first = await idOf(session.id, 2);
    const { run } = await send(app, session.id, '!sleep 30');
    expect(await rewind(session.id, { toMessageId: first })).toMatchObject({ code: 'RUN_UNDER_WAY' });
    await app.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
    await untilEnded(app, session.id, run.id);
  });

  it('for what is not there, elsewhere, taken back or ambiguous', async () => {
    const [session, other] = [await threeTurns(), await newSession(app, projectId)];
    const [second, last] = [await idOf(session.id, 2), await idOf(session.id, 6)];
    const notFound = { code: 'NOT_FOUND' };
    expect(await rewind('nosuchsession', { toMessageId: second })).toMatchObject(notFound);
    expect(await rewind(other.id, { toMessageId: second })).toMatchObject(notFound);
    expect(await rewind(session.id, { toMessageId: 'x' })).toMatchObject(notFound);
    expect(await rewind(session.id, {})).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await rewind(session.id, { toMessageId: second, beforeMessageId: second })).toMatchObject({
      code: 'INVALID_INPUT',
    });
    await rewind(session.id, { toMessageId: second });
    expect(await rewind(session.id, { toMessageId: last })).toMatchObject(notFound);
    for (const id of ['x', '999999']) expect(await restore(id)).toMatchObject(notFound);
  });

  it('in a session that is in the trash', async () => {
    const session = await threeTurns();
    const second = await idOf(session.id, 2);
    const { rewind: made } = await rewind(session.id, { toMessageId: second });
    await app.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id: session.id });
    expect(await rewind(session.id, { toMessageId: second })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await restore(made.id)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('to send a message again that was taken back', async () => {
    const session = await threeTurns();
    const second = await idOf(session.id, 2);
    const { run } = await send(app, session.id, '!false');
    await untilEnded(app, session.id, run.id);
    const { run: stopped } = await send(app, session.id, '!sleep 30');
    await app.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: stopped.id });
    await untilEnded(app, session.id, stopped.id);
    await rewind(session.id, { toMessageId: second });
    const { retryRun } = await app.ask('mutation ($id: ID!) { retryRun(id: $id) { ... on UserError { code } } }', {
      id: stopped.id,
    });
    expect(retryRun).toEqual({ code: 'MESSAGE_REWOUND' });
    expect((await conversation(app, session.id)).latestRun.status).toBe('SUCCEEDED');
  });
});

describe('a fault on the way', () => {
  it('leaves everything as it was, in both directions', async () => {
    const session = await threeTurns();
    await write(session.id, 'all', 'not committed');
    const toMessageId = await idOf(session.id, 2);
    const before = await everything(session.id, session.branch);
    cutOff.faultAt('rewind: files');
    expect(await rewind(session.id, { toMessageId })).toMatchObject({
      status: 'FAILED',
      errorCode: 'unexpected',
      rewind: null,
    });
    expect(await everything(session.id, session.branch)).toEqual(before);
    const { rewind: made } = await rewind(session.id, { toMessageId });
    const back = await everything(session.id, session.branch);
    cutOff.faultAt('rewind: files');
    expect(await restore(made.id)).toMatchObject({ status: 'FAILED' });
    expect(await everything(session.id, session.branch)).toEqual(back);
    await restore(made.id);
    expect(await everything(session.id, session.branch)).toEqual(before);
    expect((await rewindsOf(session.id)).totalCount).toBe(2);
  });
});

describe('cut off by the end of the server', () => {
  const ended = async (sessionId: string) => {
    for (;;) {
      const { chatSession } = await app.ask(
        'query ($id: ID!) { chatSession(id: $id) { latestOperation { status } } }',
        {
          id: sessionId,
        },
      );
      if (['SUCCEEDED', 'FAILED'].includes(chatSession.latestOperation.status))
        return chatSession.latestOperation.status;
    }
  };

  it.each(['rewind: kept', 'rewind: files', 'rewind: recorded'])(
    'at "%s", both ways are gone to their end',
    async (step) => {
      const session = await threeTurns();
      await write(session.id, 'all', 'not committed');
      const before = await everything(session.id, session.branch);
      const toMessageId = await idOf(session.id, 2);
      app = await cutOff.at(step, app, () => rewind(session.id, { toMessageId }));
      expect(await ended(session.id)).toBe('SUCCEEDED');
      expect(await numbers(session.id)).toEqual([1, 2]);
      expect(await tree(session.id)).toEqual({ one: 'one\n', all: 'one\n' });
      const { totalCount, nodes } = await rewindsOf(session.id);
      expect(totalCount).toBe(1);
      expect(nodes[0]).toMatchObject({ messageCount: 4, fileCount: 3 });

      app = await cutOff.at(step, app, () => restore(nodes[0].id));
      expect(await ended(session.id)).toBe('SUCCEEDED');
      expect(await everything(session.id, session.branch)).toEqual(before);
      expect((await rewindsOf(session.id)).totalCount).toBe(2);
    },
    60_000,
  );
});
