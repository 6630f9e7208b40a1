import { join } from 'node:path';
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
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
let repository: Fixture;
let projectId: string;

beforeAll(async () => {
  kit = await startTestApp();
  repository = await makeRepository({ 'README.md': '# Shop\n', 'src/total.js': 'export const total = 0;\n' });
  projectId = await newProject(kit, { localPath: repository.path });
}, 60_000);

afterAll(async () => {
  await kit?.close();
  await repository?.remove();
});

const writeFile = (name: string, content: string) => `\`\`\`text ${name}\n${content}\n\`\`\``;
const outputOf = (seen: SeenEvent[]) =>
  seen
    .filter(({ __typename }) => __typename === 'TextAppended')
    .map(({ text }) => text)
    .join('');
const commitOf = (chat: SeenEvent) =>
  chat.messages.nodes
    .flatMap(({ parts }: SeenEvent) => parts)
    .findLast(({ __typename }: SeenEvent) => __typename === 'CommitPart');

/** Waits for the first event that fits, and leaves the stream open. */
async function next(stream: AsyncIterableIterator<SeenEvent>, fits: (event: SeenEvent) => boolean): Promise<SeenEvent> {
  for (;;) {
    const { value, done } = await stream.next();
    if (done) throw new Error('The stream ended.');
    if (fits(value)) return value;
  }
}

describe('talking in a session', () => {
  it('streams the answer and ends the turn with one commit on its own branch', async () => {
    const session = await newSession(kit, projectId);
    const seen = await talk(kit, session.id, `!echo from the agent\n${writeFile('notes/hello.txt', 'Hello')}`);

    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
    expect(outputOf(seen)).toContain('from the agent');
    const chat = await conversation(kit, session.id);
    expect(chat.messages.nodes.map(({ role, number }: SeenEvent) => [role, number])).toEqual([
      ['USER', 1],
      ['ASSISTANT', 2],
    ]);
    expect(chat.latestRun).toMatchObject({ status: 'SUCCEEDED', canRetry: false });
    const commit = commitOf(chat);
    expect(commit).toMatchObject({
      branch: session.branch,
      additions: 1,
      deletions: 0,
      files: [{ path: 'notes/hello.txt', kind: 'ADDED', additions: 1, deletions: 0 }],
    });

    const workspace = join(kit.dataDir, 'projects', projectId, 'sessions', session.id);
    expect(await git(workspace, 'rev-parse', session.branch)).toBe(commit.sha);
    expect(await git(workspace, 'log', '--format=%s', session.branch)).toBe(`${commit.title}\nFirst`);
    expect(await git(workspace, 'log', '-1', '--format=%an|%(trailers:key=Agent,valueonly)', session.branch)).toBe(
      'Owner|Built-in (no model)',
    );
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
  }, 60_000);

  it('makes no commit when nothing changed', async () => {
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!cat README.md');
    const chat = await conversation(kit, session.id);
    expect(commitOf(chat)).toBeUndefined();
    expect(chat.messages.nodes[1].parts[0]).toMatchObject({
      __typename: 'ToolCallPart',
      status: 'SUCCEEDED',
      exitCode: 0,
      output: '# Shop\n',
    });
  }, 60_000);

  it('says that there is no model instead of making an answer up', async () => {
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, 'Please make the page blue.');
    expect((await conversation(kit, session.id)).messages.nodes[1].text).toMatch(/no (language )?model/i);
  }, 60_000);

  it('keeps two sessions that talk at once apart, each with its branch and its files', async () => {
    const [one, two] = await Promise.all([newSession(kit, projectId, 'One'), newSession(kit, projectId, 'Two')]);
    const [seenInOne, seenInTwo] = await Promise.all([
      talk(kit, one.id, `!echo this is one\n${writeFile('one.txt', 'one')}`),
      talk(kit, two.id, `!echo this is two\n${writeFile('two.txt', 'two')}`),
    ]);
    expect(outputOf(seenInOne)).not.toContain('this is two');
    expect(outputOf(seenInTwo)).not.toContain('this is one');
    const files = await Promise.all(
      [one, two].map(({ id, branch }) =>
        git(join(kit.dataDir, 'projects', projectId, 'sessions', id), 'ls-tree', '-r', '--name-only', branch),
      ),
    );
    expect(files).toEqual(['README.md\none.txt\nsrc/total.js', 'README.md\nsrc/total.js\ntwo.txt']);
    expect(await git(repository.path, 'branch', '--format=%(refname:short)')).toBe('main');
  }, 60_000);
});

describe('sending', () => {
  it('makes one message of the same clientMutationId sent twice, even at once', async () => {
    const session = await newSession(kit, projectId);
    const [first, second] = await Promise.all([
      send(kit, session.id, '!echo once', 'the-same'),
      send(kit, session.id, '!echo once', 'the-same'),
    ]);
    expect(second.message.id).toBe(first.message.id);
    await untilEnded(kit, session.id, first.run.id);
    expect((await send(kit, session.id, '!echo once', 'the-same')).run.id).toBe(first.run.id);
    expect((await conversation(kit, session.id)).messages.totalCount).toBe(2);
  }, 60_000);

  it('queues what is sent during a run; it can be edited and taken back until it starts', async () => {
    const session = await newSession(kit, projectId);
    const first = await send(kit, session.id, '!until [ -e go ]; do sleep 0.05; done');
    const second = await send(kit, session.id, '!echo second');
    const third = await send(kit, session.id, '!echo third');
    expect([first, second, third].map(({ message }) => [message.number, message.status])).toEqual([
      [1, 'COMPLETE'],
      [null, 'QUEUED'],
      [null, 'QUEUED'],
    ]);
    const edited = await kit.ask(
      'mutation ($id: ID!) { editQueuedMessage(id: $id, text: "!echo changed") { ... on Message { text } } }',
      {
        id: second.message.id,
      },
    );
    expect(edited.editQueuedMessage.text).toBe('!echo changed');
    const removed = await kit.ask(
      'mutation ($id: ID!) { deleteQueuedMessage(id: $id) { ... on DeleteQueuedMessageSuccess { messageId } ... on UserError { code } } }',
      { id: third.message.id },
    );
    expect(removed.deleteQueuedMessage.messageId).toBe(third.message.id);
    expect((await conversation(kit, session.id)).queuedMessages).toMatchObject([{ text: '!echo changed' }]);

    await git(join(kit.dataDir, 'projects', projectId, 'sessions', session.id), 'config', '--file', 'go', 'a.b', 'c');
    await untilEnded(kit, session.id, second.run.id);
    const chat = await conversation(kit, session.id);
    expect(
      chat.messages.nodes.map(({ number, role, text }: SeenEvent) => [number, role, role === 'USER' ? text : '']),
    ).toEqual([
      [1, 'USER', '!until [ -e go ]; do sleep 0.05; done'],
      [2, 'ASSISTANT', ''],
      [3, 'USER', '!echo changed'],
      [4, 'ASSISTANT', ''],
    ]);
    expect(chat.messages.nodes[3].parts[0].output).toBe('changed\n');
    const late = await kit.ask('mutation ($id: ID!) { deleteQueuedMessage(id: $id) { ... on UserError { code } } }', {
      id: second.message.id,
    });
    expect(late.deleteQueuedMessage.code).toBe('MESSAGE_NOT_QUEUED');
  }, 60_000);

  it.each([
    ['nothing', '   ', 'INVALID_INPUT'],
    ['too much', 'x'.repeat(200_001), 'INVALID_INPUT'],
  ])(
    'refuses %s with a reason',
    async (_, text, code) => {
      const session = await newSession(kit, projectId);
      await expect(send(kit, session.id, text)).rejects.toThrow(code);
    },
    60_000,
  );

  it('keeps characters that PostgreSQL cannot, as their replacement', async () => {
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, 'a\u0000b \ud800 c');
    expect((await conversation(kit, session.id)).messages.nodes[0].text).toBe('a\ufffdb \ufffd c');
  }, 60_000);
});

describe('stopping', () => {
  it('ends the whole process tree and keeps text and files', async () => {
    const session = await newSession(kit, projectId);
    const { run } = await send(
      kit,
      session.id,
      '!echo working; (while true; do date +%s%N > beat; sleep 0.02; done) & sleep 600',
    );
    const stream = events(kit, session.id, 0);
    await next(stream, ({ text }) => text?.includes('working'));
    const { stopRun } = await kit.ask(
      'mutation ($id: ID!) { stopRun(id: $id) { ... on Run { id } ... on UserError { code } } }',
      { id: run.id },
    );
    expect(stopRun.id).toBe(run.id);
    await next(stream, (event) => event.run?.status === 'CANCELLED');
    await stream.return?.();
    const chat = await conversation(kit, session.id);
    expect(chat.messages.nodes[1].parts[0]).toMatchObject({ status: 'FAILED', output: 'working\n' });
    expect(commitOf(chat).files).toMatchObject([{ path: 'beat' }]);
    const workspace = join(kit.dataDir, 'projects', projectId, 'sessions', session.id);
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
    await talk(kit, session.id, '!echo goes on');
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
  }, 60_000);

  it('takes a run back that waits', async () => {
    const session = await newSession(kit, projectId);
    const first = await send(kit, session.id, '!sleep 600');
    const second = await send(kit, session.id, '!echo never');
    await kit.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: second.run.id });
    await kit.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: first.run.id });
    await untilEnded(kit, session.id, first.run.id);
    const chat = await conversation(kit, session.id);
    expect(chat.queuedMessages).toEqual([]);
    expect(chat.latestRun).toMatchObject({ status: 'CANCELLED', canRetry: true });
  }, 60_000);

  it('sends the message of a stopped run again when asked', async () => {
    const session = await newSession(kit, projectId);
    const { run } = await send(kit, session.id, '![ -e again ] && echo second time || { touch again; sleep 600; }');
    await next(events(kit, session.id, 0), (event) => event.part?.status === 'RUNNING');
    await kit.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
    await untilEnded(kit, session.id, run.id);
    const { retryRun } = await kit.ask(
      'mutation ($id: ID!) { retryRun(id: $id) { ... on Run { id status } ... on UserError { code } } }',
      {
        id: run.id,
      },
    );
    const seen = await untilEnded(kit, session.id, retryRun.id);
    expect(outputOf(seen)).toContain('second time');
    expect((await conversation(kit, session.id)).messages.nodes.map(({ role }: SeenEvent) => role)).toEqual([
      'USER',
      'ASSISTANT',
      'ASSISTANT',
    ]);
  }, 60_000);
});

describe('following a session', () => {
  it('resumes behind the last number seen: every event once, none missing', async () => {
    const session = await newSession(kit, projectId);
    const { run } = await send(kit, session.id, '!for i in $(seq 1 200); do echo line $i; sleep 0.005; done');
    const seen: SeenEvent[] = [];
    for (let isEnded = false; !isEnded; ) {
      // Drops off after every tenth event and comes back.
      let left = 10;
      for await (const event of events(kit, session.id, seen.at(-1)?.seq ?? 0)) {
        seen.push(event);
        isEnded = event.run?.id === run.id && event.run.status === 'SUCCEEDED';
        left -= 1;
        if (isEnded || left === 0) break;
      }
    }
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
    expect(outputOf(seen.filter(({ position }) => position === 0))).toBe(
      Array.from({ length: 200 }, (_, index) => `line ${index + 1}\n`).join(''),
    );
    const output = (await conversation(kit, session.id)).messages.nodes[1].parts[0].output;
    expect(output).toBe(outputOf(seen.filter(({ position }) => position === 0)));
  }, 60_000);

  it('gives the words of an answer in pieces whose offsets join without gaps', async () => {
    const session = await newSession(kit, projectId);
    const seen = await talk(
      kit,
      session.id,
      '!for i in 1 2 3 4 5 6 7 8; do echo "snow \u2603 and \ud83d\ude00"; sleep 0.04; done',
    );
    let length = 0;
    for (const { offset, text } of seen.filter(
      ({ __typename, position }) => __typename === 'TextAppended' && position === 0,
    )) {
      expect(offset).toBe(length);
      length += text.length;
    }
    expect(length).toBeGreaterThan(0);
  }, 60_000);

  it('is refused for a session that does not exist', async () => {
    await expect(events(kit, 'nosuchsession', 0).next()).rejects.toThrow('does not exist');
  });

  it('pages through the conversation from its end', async () => {
    const session = await newSession(kit, projectId);
    for (const text of ['!true', '!true', '!true']) await talk(kit, session.id, text);
    const page = (before?: string) =>
      kit.ask(
        `query ($id: ID!, $before: String) { chatSession(id: $id) { messages(last: 4, before: $before) {
           totalCount nodes { number } pageInfo { hasPreviousPage hasNextPage startCursor } } } }`,
        { id: session.id, before },
      );
    const last = (await page()).chatSession.messages;
    expect(last.nodes.map(({ number }: SeenEvent) => number)).toEqual([3, 4, 5, 6]);
    expect(last).toMatchObject({ totalCount: 6, pageInfo: { hasPreviousPage: true, hasNextPage: false } });
    const first = (await page(last.pageInfo.startCursor)).chatSession.messages;
    expect(first.nodes.map(({ number }: SeenEvent) => number)).toEqual([1, 2]);
    expect(first.pageInfo.hasPreviousPage).toBe(false);
  }, 60_000);
});
