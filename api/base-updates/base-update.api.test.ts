import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conversation, newProject, newSession, type SeenEvent, talk } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
let source: Fixture;

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterEach(() => source?.remove());
afterAll(() => kit?.close());

const UPDATE = `id status strategy baseBranch baseSha tipBefore resultSha unresolvedCount isWithAgent errorCode errorMessage
  conflictedCommit { title number count }
  conflicts { path kind isBinary resolution resolvedText resolved { sha } ancestor { kind sha } ours { kind sha } theirs { kind sha } merged { sha } }`;
const OPERATION = `__typename ... on WorkspaceOperation { id kind status errorCode errorMessage baseUpdate { ${UPDATE} } } ... on UserError { code message }`;

const mutate = async (
  field: string,
  args: string,
  types: string,
  variables: Record<string, unknown>,
  selection: string,
) => (await kit.ask(`mutation (${types}) { ${field}(${args}) { ${selection} } }`, variables))[field];

const update = (chatSessionId: string, strategy = 'MERGE') =>
  mutate(
    'updateFromBase',
    'input: $input',
    '$input: UpdateFromBaseInput!',
    { input: { chatSessionId, strategy } },
    OPERATION,
  );
const complete = (id: string) => mutate('completeBaseUpdate', 'id: $id', '$id: ID!', { id }, OPERATION);
const abort = (id: string) => mutate('abortBaseUpdate', 'id: $id', '$id: ID!', { id }, OPERATION);
const resolve = (input: Record<string, unknown>) =>
  mutate(
    'resolveConflict',
    'input: $input',
    '$input: ResolveConflictInput!',
    { input },
    `__typename ... on BaseUpdate { ${UPDATE} } ... on UserError { code message } ... on InvalidInput { field }`,
  );
const askAgent = (id: string, instructions = '') =>
  mutate(
    'askAgentToResolve',
    'id: $id, instructions: $instructions',
    '$id: ID!, $instructions: String!',
    { id, instructions },
    `__typename ... on BaseUpdate { ${UPDATE} } ... on UserError { code message }`,
  );
const underWay = async (id: string) =>
  (
    await kit.ask(
      `query ($id: ID!) { chatSession(id: $id) { baseUpdate { ${UPDATE} } latestBaseUpdate { ${UPDATE} } } }`,
      { id },
    )
  ).chatSession;

const refresh = async (id: string) => {
  const { refreshProject } = await kit.ask(
    'mutation ($id: ID!) { refreshProject(id: $id) { ... on ProjectRefresh { status errorMessage } } }',
    { id },
  );
  expect(refreshProject).toMatchObject({ status: 'SUCCEEDED' });
};

const TEXT = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`);
const text = (changes: Record<number, string> = {}) => TEXT.map((line, index) => changes[index + 1] ?? line).join('');

type Files = Record<string, string | null>;

async function write(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const full = join(root, path);
    await rm(full, { recursive: true, force: true });
    if (content === null) continue;
    await mkdir(dirname(full), { recursive: true });
    if (content.startsWith('-> ')) await symlink(content.slice(3), full);
    else await writeFile(full, content.replace(/^\+x /, ''));
    if (content.startsWith('+x ')) await chmod(full, 0o755);
  }
}

async function commitToSource(message: string, files: Files): Promise<string> {
  await write(source.path, files);
  await git(source.path, 'add', '--all');
  await git(source.path, 'commit', '--quiet', `--message=${message}`);
  return git(source.path, 'rev-parse', 'HEAD');
}

interface Chat {
  id: string;
  branch: string;
  projectId: string;
  path: string;
}

/** A chat of a project whose source begins with these files. */
async function begin(files: Record<string, string> = { 'f.txt': text() }): Promise<Chat> {
  source = await makeRepository(files);
  const projectId = await newProject(kit, { localPath: source.path });
  const session = await newSession(kit, projectId);
  await talk(kit, session.id, '!true');
  return { ...session, projectId, path: join(kit.dataDir, 'projects', projectId, 'sessions', session.id) };
}

/** What the agent does in one turn, which ends as one commit. */
const turn = (chat: Chat, path: string, content: string) => talk(kit, chat.id, `\`\`\`txt ${path}\n${content}\`\`\``);

async function theirs(chat: Chat, files: Files, message = 'Theirs'): Promise<string> {
  const sha = await commitToSource(message, files);
  await refresh(chat.projectId);
  return sha;
}

/** Everything in a workspace: modes, links and bytes, ignored files too. */
async function tree(root: string, folder = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (path === '.git') continue;
    const full = join(root, path);
    const { mode } = await lstat(full);
    if (entry.isDirectory()) Object.assign(found, await tree(root, path));
    else if (entry.isSymbolicLink()) found[path] = `-> ${await readlink(full)}`;
    else found[path] = `${(mode & 0o777).toString(8)} ${(await readFile(full)).toString('latin1')}`;
  }
  return found;
}

const read = (chat: Chat, path: string) => readFile(join(chat.path, path), 'utf8');
const log = (chat: Chat, format = '%s') => git(chat.path, 'log', `--format=${format}`, chat.branch);
const status = (chat: Chat) => git(chat.path, 'status', '--porcelain');
const base = (chat: Chat) => join(kit.dataDir, 'projects', chat.projectId, 'main');

/** HEAD, the branch here and in the base, what git sees, and every file. */
const whole = async (chat: Chat) => ({
  head: await git(chat.path, 'rev-parse', 'HEAD', chat.branch),
  symbolic: await git(chat.path, 'symbolic-ref', 'HEAD'),
  published: await git(base(chat), 'rev-parse', chat.branch),
  status: await status(chat),
  staged: await git(chat.path, 'ls-files', '--stage'),
  files: await tree(chat.path),
});

const lastMessage = async (chat: Chat): Promise<SeenEvent> => (await conversation(kit, chat.id)).messages.nodes.at(-1);

describe('updating from the base without conflicts', () => {
  it('merges, puts the files in place, and says so in the conversation', async () => {
    const chat = await begin({ 'f.txt': text(), 'gone.txt': 'x\n' });
    await turn(chat, 'mine.txt', 'mine\n');
    const baseSha = await theirs(chat, {
      'f.txt': text({ 2: 'theirs\n' }),
      'gone.txt': null,
      'bin/run': '+x #!/bin/sh\n',
      link: '-> f.txt',
    });
    const tip = await git(chat.path, 'rev-parse', 'HEAD');

    const done = await update(chat.id);
    expect(done).toMatchObject({
      status: 'SUCCEEDED',
      baseUpdate: { status: 'APPLIED', strategy: 'MERGE', baseBranch: 'main', baseSha, conflicts: [] },
    });
    const { resultSha } = done.baseUpdate;
    expect(await git(chat.path, 'rev-parse', 'HEAD', 'HEAD^1', 'HEAD^2')).toBe(`${resultSha}\n${tip}\n${baseSha}`);
    expect(await git(base(chat), 'rev-parse', chat.branch)).toBe(resultSha);
    expect(await status(chat)).toBe('');
    expect(await tree(chat.path)).toEqual({
      'bin/run': '755 #!/bin/sh\n',
      'f.txt': `644 ${text({ 2: 'theirs\n' })}`,
      link: '-> f.txt',
      'mine.txt': '644 mine\n',
    });
    const message = await lastMessage(chat);
    expect(message).toMatchObject({
      role: 'ASSISTANT',
      parts: [
        {
          __typename: 'NoticePart',
          level: 'INFO',
          code: 'base-updated',
          notice: expect.stringContaining('1 commit of main'),
        },
        { __typename: 'CommitPart', sha: resultSha, title: `Merge main into ${chat.branch}` },
      ],
    });
    expect((await conversation(kit, chat.id)).workspace.headSha).toBe(resultSha);
    expect(await git(base(chat), 'for-each-ref', 'refs/kosuke')).toBe('');
    expect(await underWay(chat.id)).toMatchObject({ baseUpdate: null, latestBaseUpdate: { status: 'APPLIED' } });
    // Work goes on, on top of it.
    await turn(chat, 'more.txt', 'more\n');
    expect(await git(chat.path, 'rev-parse', 'HEAD^')).toBe(resultSha);
  }, 60_000);

  it('moves on where nothing was done in the chat, says when there is nothing to do, and rebases', async () => {
    const chat = await begin();
    const first = await theirs(chat, { 'b.txt': 'b\n' });
    expect(await update(chat.id)).toMatchObject({ baseUpdate: { status: 'APPLIED', resultSha: first } });
    expect(await update(chat.id)).toMatchObject({
      status: 'SUCCEEDED',
      baseUpdate: { status: 'UP_TO_DATE', resultSha: null },
    });
    await turn(chat, 'one.txt', '1\n');
    await turn(chat, 'two.txt', '2\n');
    const second = await theirs(chat, { 'c.txt': 'c\n' }, 'More');
    const before = await log(chat, '%an|%aI|%s|%(trailers)');
    expect(await update(chat.id, 'REBASE')).toMatchObject({ baseUpdate: { status: 'APPLIED', strategy: 'REBASE' } });
    expect(await git(chat.path, 'rev-parse', 'HEAD~2')).toBe(second);
    const after = await log(chat, '%an|%aI|%s|%(trailers)');
    expect(after.split('\n\n').slice(0, 2)).toEqual(before.split('\n\n').slice(0, 2));
    expect(await status(chat)).toBe('');
    expect(Object.keys(await tree(chat.path)).sort()).toEqual(['b.txt', 'c.txt', 'f.txt', 'one.txt', 'two.txt']);
  }, 60_000);

  it('carries what is not committed over, and what is ignored stays where it is', async () => {
    const chat = await begin({ 'f.txt': text(), '.gitignore': 'ignored\n' });
    await turn(chat, 'mine.txt', 'mine\n');
    await theirs(chat, { 'f.txt': text({ 2: 'theirs\n' }), 'new.txt': 'n\n' });
    await write(chat.path, {
      'f.txt': text({ 18: 'not committed\n' }),
      untracked: '+x u\n',
      link: '-> nowhere',
      ignored: 'i\n',
      'mine.txt': null,
    });
    expect(await update(chat.id)).toMatchObject({ baseUpdate: { status: 'APPLIED' } });
    expect(await tree(chat.path)).toEqual({
      '.gitignore': '644 ignored\n',
      'f.txt': `644 ${text({ 2: 'theirs\n', 18: 'not committed\n' })}`,
      ignored: '644 i\n',
      link: '-> nowhere',
      'new.txt': '644 n\n',
      untracked: '755 u\n',
    });
    expect((await status(chat)).split('\n').map((line) => line.trim())).toEqual([
      'M f.txt',
      'D mine.txt',
      '?? link',
      '?? untracked',
    ]);
  }, 60_000);

  it('is refused, with nothing changed, where what is not committed or ignored does not fit', async () => {
    const chat = await begin({ 'f.txt': text(), '.gitignore': 'ignored\n' });
    await turn(chat, 'mine.txt', 'mine\n');
    await theirs(chat, { 'f.txt': text({ 5: 'theirs\n' }), 'new.txt': 'n\n' });
    await git(source.path, 'rm', '--quiet', '.gitignore');
    await theirs(chat, { ignored: 'theirs\n' });
    await write(chat.path, { 'f.txt': text({ 5: 'not committed\n' }), 'new.txt': 'mine\n', ignored: 'i\n' });
    const before = await whole(chat);
    const refused = await update(chat.id);
    expect(refused).toMatchObject({
      status: 'FAILED',
      errorCode: 'UNCOMMITTED_CHANGES',
      baseUpdate: { status: 'FAILED', errorCode: 'UNCOMMITTED_CHANGES' },
    });
    for (const path of ['f.txt', 'new.txt', 'ignored']) expect(refused.errorMessage).toContain(path);
    expect(await whole(chat)).toEqual(before);
    expect((await underWay(chat.id)).baseUpdate).toBeNull();
  }, 60_000);

  it('says so when the base has no commit, is gone, or has nothing in common', async () => {
    source = await makeRepository();
    await git(source.path, 'update-ref', '-d', 'refs/heads/main');
    const projectId = await newProject(kit, { localPath: source.path });
    const empty = await newSession(kit, projectId);
    await talk(kit, empty.id, '!true');
    expect(await update(empty.id)).toMatchObject({
      status: 'FAILED',
      errorCode: 'not-found',
      errorMessage: expect.stringContaining('"main"'),
    });
    await git(source.path, 'commit', '--quiet', '--message=First');
    await refresh(projectId);
    expect(await update(empty.id)).toMatchObject({ baseUpdate: { status: 'APPLIED' } });
    await turn({ ...empty, projectId, path: '' }, 'x', 'x\n');
    await git(source.path, 'checkout', '--quiet', '--orphan', 'fresh');
    await git(source.path, 'commit', '--quiet', '--message=Anew');
    await git(source.path, 'branch', '--force', 'main', 'fresh');
    await refresh(projectId);
    expect(await update(empty.id)).toMatchObject({
      status: 'FAILED',
      errorCode: 'rejected',
      errorMessage: expect.stringContaining('in common'),
    });
  }, 60_000);
});

describe('updating from the base with conflicts', () => {
  /** Both sides change line 5 of two files; the base adds one file besides. */
  async function conflicted(strategy = 'MERGE'): Promise<Chat & { updateId: string }> {
    const chat = await begin({ 'f.txt': text(), 'g.txt': text() });
    await turn(chat, 'mine.txt', 'mine\n');
    await talk(
      kit,
      chat.id,
      `\`\`\`txt f.txt\n${text({ 5: 'ours\n' })}\`\`\`\n\`\`\`txt g.txt\n${text({ 5: 'ours\n' })}\`\`\``,
    );
    await turn(chat, 'last.txt', 'last\n');
    await theirs(chat, { 'f.txt': text({ 5: 'theirs\n' }), 'g.txt': text({ 5: 'theirs\n' }), 'new.txt': 'n\n' });
    const begun = await update(chat.id, strategy);
    expect(begun).toMatchObject({ status: 'SUCCEEDED', baseUpdate: { status: 'CONFLICTED', unresolvedCount: 2 } });
    return { ...chat, updateId: begun.baseUpdate.id };
  }

  it('tells them as data, and the chat stays as it is and in use', async () => {
    const chat = await conflicted();
    const { baseUpdate } = await underWay(chat.id);
    expect(baseUpdate.conflicts).toMatchObject([
      {
        path: 'f.txt',
        kind: 'CONTENT',
        isBinary: false,
        resolution: null,
        ours: { kind: 'FILE' },
        theirs: { kind: 'FILE' },
      },
      { path: 'g.txt', kind: 'CONTENT' },
    ]);
    const side = '{ content { text bytes isTruncated } }';
    const { chatSession } = await kit.ask(
      `query ($id: ID!) { chatSession(id: $id) { baseUpdate { conflict(path: "f.txt") { ancestor ${side} ours ${side} theirs ${side} merged ${side} } } } }`,
      { id: chat.id },
    );
    const { conflict } = chatSession.baseUpdate;
    expect(conflict.ancestor.content).toEqual({ text: text(), bytes: text().length, isTruncated: false });
    expect(conflict.ours.content.text).toBe(text({ 5: 'ours\n' }));
    expect(conflict.theirs.content.text).toBe(text({ 5: 'theirs\n' }));
    expect(conflict.merged.content.text).toBe(
      text({ 5: `<<<<<<< ${chat.branch}\nours\n=======\ntheirs\n>>>>>>> main\n` }),
    );
    expect(await status(chat)).toBe('');
    await turn(chat, 'meanwhile.txt', 'm\n');
    expect(await log(chat, '%s')).toContain('meanwhile');
    expect(await update(chat.id)).toMatchObject({ code: 'UPDATE_UNDER_WAY' });
  }, 60_000);

  it('is completed with each file as it was decided, and a decision can be taken back', async () => {
    const chat = await conflicted();
    const baseUpdateId = chat.updateId;
    expect(await complete(baseUpdateId)).toMatchObject({
      status: 'FAILED',
      errorCode: 'UNRESOLVED_CONFLICTS',
      errorMessage: expect.stringContaining('f.txt, g.txt'),
    });
    expect(await resolve({ baseUpdateId, path: 'f.txt', resolution: 'OURS' })).toMatchObject({
      unresolvedCount: 1,
      conflicts: [{ resolution: 'OURS' }, { resolution: null }],
    });
    expect(await resolve({ baseUpdateId, path: 'f.txt', resolution: null })).toMatchObject({ unresolvedCount: 2 });
    await resolve({ baseUpdateId, path: 'f.txt', resolution: 'THEIRS' });
    expect(await resolve({ baseUpdateId, path: 'g.txt', resolution: 'CONTENT', content: 'both ü\n' })).toMatchObject({
      unresolvedCount: 0,
      conflicts: [{ resolution: 'THEIRS' }, { resolution: 'CONTENT', resolvedText: 'both ü\n' }],
    });
    expect(await complete(baseUpdateId)).toMatchObject({ status: 'SUCCEEDED', baseUpdate: { status: 'APPLIED' } });
    expect(await read(chat, 'f.txt')).toBe(text({ 5: 'theirs\n' }));
    expect(await read(chat, 'g.txt')).toBe('both ü\n');
    expect(await read(chat, 'new.txt')).toBe('n\n');
    expect(await status(chat)).toBe('');
    expect(await git(chat.path, 'log', '-1', '--format=%s|%an', 'HEAD')).toMatch(/^Merge main into kosuke-chat-\w+\|/);
    expect(await complete(baseUpdateId)).toMatchObject({ code: 'UPDATE_OVER' });
    expect(await resolve({ baseUpdateId, path: 'f.txt', resolution: 'OURS' })).toMatchObject({ code: 'UPDATE_OVER' });
  }, 60_000);

  it('refuses decisions that cannot be, each with a sentence', async () => {
    const chat = await conflicted();
    const baseUpdateId = chat.updateId;
    const refused = async (input: Record<string, unknown>) => resolve({ baseUpdateId, path: 'f.txt', ...input });
    expect(await refused({ resolution: 'CONTENT' })).toMatchObject({ code: 'INVALID_INPUT', field: 'content' });
    expect(await refused({ resolution: 'CONTENT', content: 'a\0b' })).toMatchObject({ field: 'content' });
    expect(await refused({ resolution: 'CONTENT', content: 'x'.repeat(500_001) })).toMatchObject({ field: 'content' });
    expect(await refused({ path: 'new.txt', resolution: 'OURS' })).toMatchObject({ field: 'path' });
    expect(await resolve({ baseUpdateId: '999999', path: 'f.txt', resolution: 'OURS' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    for (const act of [complete, abort, askAgent]) expect(await act('999999')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await update('nosuchsession')).toMatchObject({ code: 'NOT_FOUND' });
  }, 60_000);

  it('rebases three commits of which the second is in conflict', async () => {
    const chat = await conflicted('REBASE');
    const { baseUpdate } = await underWay(chat.id);
    expect(baseUpdate.conflictedCommit).toMatchObject({ number: 2, count: 3 });
    for (const path of ['f.txt', 'g.txt']) {
      await resolve({ baseUpdateId: chat.updateId, path, resolution: 'CONTENT', content: text({ 5: 'both\n' }) });
    }
    expect(await complete(chat.updateId)).toMatchObject({ baseUpdate: { status: 'APPLIED' } });
    expect((await log(chat)).split('\n').at(-2)).toBe('Theirs');
    expect((await log(chat)).split('\n')).toHaveLength(5);
    expect(await git(chat.path, 'diff', '--name-only', 'HEAD~1', 'HEAD')).toBe('last.txt');
    expect(await git(chat.path, 'show', 'HEAD~1:f.txt')).toBe(text({ 5: 'both\n' }).trim());
    expect(await status(chat)).toBe('');
  }, 60_000);

  it('keeps what was decided when the base moves meanwhile, and asks only about what is new', async () => {
    const chat = await conflicted();
    const baseUpdateId = chat.updateId;
    for (const path of ['f.txt', 'g.txt']) await resolve({ baseUpdateId, path, resolution: 'OURS' });
    await theirs(chat, { 'g.txt': text({ 5: 'theirs again\n' }), 'later.txt': 'l\n' }, 'Again');
    expect(await complete(baseUpdateId)).toMatchObject({
      status: 'SUCCEEDED',
      baseUpdate: {
        status: 'CONFLICTED',
        unresolvedCount: 1,
        conflicts: [
          { path: 'f.txt', resolution: 'OURS' },
          { path: 'g.txt', resolution: null },
        ],
      },
    });
    await resolve({ baseUpdateId, path: 'g.txt', resolution: 'DELETE' });
    expect(await complete(baseUpdateId)).toMatchObject({ baseUpdate: { status: 'APPLIED' } });
    expect(Object.keys(await tree(chat.path)).sort()).toEqual([
      'f.txt',
      'last.txt',
      'later.txt',
      'mine.txt',
      'new.txt',
    ]);
    expect(await read(chat, 'f.txt')).toBe(text({ 5: 'ours\n' }));
  }, 60_000);

  it('is aborted with everything as it was, and can be begun again', async () => {
    const chat = await conflicted();
    await write(chat.path, {
      '.gitignore': 'ignored\n',
      ignored: 'i\n',
      untracked: '+x u\n',
      link: '-> /etc/passwd',
      'mine.txt': 'changed\n',
    });
    const before = await whole(chat);
    await resolve({ baseUpdateId: chat.updateId, path: 'f.txt', resolution: 'OURS' });
    expect(await abort(chat.updateId)).toMatchObject({ status: 'SUCCEEDED', baseUpdate: { status: 'ABORTED' } });
    expect(await whole(chat)).toEqual(before);
    expect((await underWay(chat.id)).baseUpdate).toBeNull();
    expect(await abort(chat.updateId)).toMatchObject({ code: 'UPDATE_OVER' });
    expect(await update(chat.id)).toMatchObject({ baseUpdate: { status: 'CONFLICTED', unresolvedCount: 2 } });
  }, 60_000);

  it('is refused while the agent is at work', async () => {
    const chat = await begin();
    await kit.ask('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
      input: { chatSessionId: chat.id, text: '!sleep 600' },
    });
    expect(await update(chat.id)).toMatchObject({ code: 'RUN_UNDER_WAY' });
    await kit.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id: chat.id });
  }, 60_000);

  describe('left to the agent', () => {
    /** Asks, and waits for the end of the turn. */
    async function ask(chat: Chat & { updateId: string }, instructions: string): Promise<SeenEvent> {
      expect(await askAgent(chat.updateId, instructions)).toMatchObject({ __typename: 'BaseUpdate' });
      // The next message waits for that turn.
      await talk(kit, chat.id, '!true');
      return (await conversation(kit, chat.id)).messages.nodes.at(-3);
    }
    const block = (path: string, content: string) => `\`\`\`txt ${path}\n${content}\`\`\``;

    it('sees files with markers, and the commit of its turn is the merge when it resolved them all', async () => {
      const chat = await conflicted();
      await write(chat.path, { untracked: '+x u\n', 'mine.txt': 'not committed\n' });
      const tip = await git(chat.path, 'rev-parse', 'HEAD');
      const answer = await ask(
        chat,
        `!cat f.txt\n${block('f.txt', text({ 5: 'both\n' }))}\n${block('g.txt', text({ 5: 'both\n' }))}\n${block('test.txt', 'a test besides\n')}`,
      );
      expect(answer.parts[0].output).toBe(text({ 5: `<<<<<<< ${chat.branch}\nours\n=======\ntheirs\n>>>>>>> main\n` }));
      const commit = answer.parts.find(({ __typename }: SeenEvent) => __typename === 'CommitPart');
      expect(commit.title).toBe(`Merge main into ${chat.branch}`);
      expect(await git(chat.path, 'rev-parse', `${commit.sha}^1`, `${commit.sha}^2`)).toBe(
        `${tip}\n${await git(source.path, 'rev-parse', 'HEAD')}`,
      );
      expect(await git(chat.path, 'show', `${commit.sha}:f.txt`)).toBe(text({ 5: 'both\n' }).trim());
      expect(await git(chat.path, 'show', `${commit.sha}:test.txt`)).toBe('a test besides');
      // What was not committed before is back, and was committed by the message behind it.
      expect(await git(chat.path, 'show', `${commit.sha}:mine.txt`)).toBe('mine');
      expect(await read(chat, 'mine.txt')).toBe('not committed\n');
      expect((await lstat(join(chat.path, 'untracked'))).mode & 0o777).toBe(0o755);
      expect((await underWay(chat.id)).latestBaseUpdate.status).toBe('APPLIED');
      const prompt = (await conversation(kit, chat.id)).messages.nodes.at(-4);
      expect(prompt.text).toContain('"f.txt"');
    }, 60_000);

    it('leaves open what still has markers, and takes all files back until the rest is decided', async () => {
      const chat = await conflicted();
      await write(chat.path, { untracked: 'u\n', '.gitignore': 'ignored\n', ignored: 'i\n', link: '-> nowhere' });
      await talk(kit, chat.id, '!true');
      await write(chat.path, { 'mine.txt': 'not committed\n' });
      const before = await whole(chat);
      expect(await askAgent(chat.updateId, block('g.txt', text({ 5: 'both\n' })))).toMatchObject({
        unresolvedCount: 2,
      });
      while (
        (await underWay(chat.id)).baseUpdate.unresolvedCount === 2 ||
        (await conversation(kit, chat.id)).latestRun.status !== 'SUCCEEDED'
      ) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await whole(chat)).toEqual(before);
      const answer = await lastMessage(chat);
      expect(answer.parts.at(-1)).toMatchObject({
        __typename: 'NoticePart',
        code: 'base-update',
        notice: expect.stringContaining('f.txt'),
      });
      const { baseUpdate } = await underWay(chat.id);
      expect(baseUpdate).toMatchObject({
        status: 'CONFLICTED',
        unresolvedCount: 1,
        isWithAgent: false,
        conflicts: [{ resolution: null }, { path: 'g.txt', resolution: 'CONTENT' }],
      });
      await resolve({ baseUpdateId: chat.updateId, path: 'f.txt', resolution: 'THEIRS' });
      expect(await complete(chat.updateId)).toMatchObject({ baseUpdate: { status: 'APPLIED' } });
      expect(await read(chat, 'g.txt')).toBe(text({ 5: 'both\n' }));
      expect(await read(chat, 'mine.txt')).toBe('not committed\n');
    }, 60_000);

    it('goes on with a rebase where the agent resolved the commit that stopped it', async () => {
      const chat = await conflicted('REBASE');
      const answer = await ask(
        chat,
        `${block('f.txt', text({ 5: 'both\n' }))}\n${block('g.txt', text({ 5: 'both\n' }))}`,
      );
      expect(answer.parts.at(-1).__typename).toBe('CommitPart');
      expect((await log(chat)).split('\n')).toHaveLength(5);
      expect(await git(chat.path, 'show', 'HEAD~1:g.txt')).toBe(text({ 5: 'both\n' }).trim());
      expect(await status(chat)).toBe('');
    }, 60_000);

    it('is not asked when nothing is open', async () => {
      const chat = await conflicted();
      for (const path of ['f.txt', 'g.txt']) await resolve({ baseUpdateId: chat.updateId, path, resolution: 'OURS' });
      expect(await askAgent(chat.updateId)).toMatchObject({ code: 'NOTHING_UNRESOLVED' });
    }, 60_000);
  });
});
