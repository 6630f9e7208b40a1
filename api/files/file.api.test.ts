import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { conversation, newProject, newSession, type SeenEvent, send, talk, untilEnded } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

// Each conversation starts an agent in its sandbox, which takes seconds on a busy machine.
jest.setTimeout(60_000);

let app: TestApp;
let source: Fixture;
let projectId: string;

beforeAll(async () => {
  app = await startTestApp();
  source = await makeRepository({
    'README.md': '# Shop\n',
    'src/app.ts': 'one\ntwo\nthree\n',
    '.gitignore': 'dist/\n*.log\n',
  });
  projectId = await newProject(app, { localPath: source.path });
});
afterAll(async () => {
  await app?.close();
  await source?.remove();
});

const folderOf = (sessionId: string) => join(app.dataDir, 'projects', projectId, 'sessions', sessionId);
const base = () => join(app.dataDir, 'projects', projectId, 'main');
const write = (sessionId: string, name: string, content: string | Buffer) =>
  writeFile(join(folderOf(sessionId), name), content);

const ERROR = '... on UserError { __typename code message }';
const STATE = '{ kind sha }';

async function field(sessionId: string, selection: string, declared = '', variables: Record<string, unknown> = {}) {
  const { chatSession } = await app.ask(`query ($id: ID!${declared}) { chatSession(id: $id) { ${selection} } }`, {
    id: sessionId,
    ...variables,
  });
  return Object.values(chatSession)[0] as SeenEvent;
}

const diff = (sessionId: string, range?: Record<string, string>) =>
  field(
    sessionId,
    `diff(range: $range) {
       ... on Diff {
         from ${STATE} to ${STATE} totalFiles additions deletions skippedPaths note
         files { path oldPath kind additions deletions isBinary isImage isUncounted before { mode bytes } after { mode bytes } }
       }
       ${ERROR}
     }`,
    ', $range: DiffRangeInput',
    { range },
  );

const fileDiff = (sessionId: string, path: string, more: Record<string, unknown> = {}) =>
  field(
    sessionId,
    `fileDiff(path: $path, oldPath: $oldPath, range: $range, contextLines: $context) {
       ... on FileDiff {
         from ${STATE} to ${STATE} isCut note
         file { path oldPath kind additions deletions isBinary isUncounted before { mode bytes } after { mode bytes } }
         hunks { oldStart oldLines newStart newLines heading lines { kind oldNumber newNumber text end isCut } }
       }
       ${ERROR}
     }`,
    ', $path: String!, $oldPath: String, $range: DiffRangeInput, $context: Int! = 3',
    { path, ...more },
  );

const folder = (sessionId: string, path?: string, at?: Record<string, unknown>) =>
  field(
    sessionId,
    `folder(path: $path, at: $at) {
       ... on Folder {
         at ${STATE} path totalEntries
         entries { name path kind bytes isExecutable linkTarget status }
       }
       ${ERROR}
     }`,
    ', $path: String! = "", $at: FilesAtInput',
    { path, at },
  );

const file = (sessionId: string, path: string, at?: Record<string, unknown>) =>
  field(
    sessionId,
    `file(path: $path, at: $at) {
       ... on FileContent {
         at ${STATE} path mode bytes blobSha linkTarget isBinary text encoding lineEnds mediaType base64 isCut note
       }
       ${ERROR}
     }`,
    ', $path: String!, $at: FilesAtInput',
    { path, at },
  );

const paths = ({ files }: SeenEvent) => files?.map(({ path }: SeenEvent) => path);
const printed = ({ hunks }: SeenEvent) =>
  hunks?.flatMap(({ lines }: SeenEvent) =>
    lines.map(({ kind, text }: SeenEvent) => ({ CONTEXT: ' ', ADDED: '+', REMOVED: '-' })[kind as 'ADDED'] + text),
  );

/** A session in which something was done, with its messages. */
async function session(...turns: string[]) {
  const { id, branch } = await newSession(app, projectId);
  for (const turn of turns.length > 0 ? turns : ['!true']) await talk(app, id, turn);
  const { messages } = await conversation(app, id);
  const of = (role: string) => messages.nodes.filter((message: SeenEvent) => message.role === role);
  return { id, branch, prompts: of('USER'), replies: of('ASSISTANT') };
}

const commitOf = (message: SeenEvent) =>
  message.parts.find((part: SeenEvent) => part.__typename === 'CommitPart')?.sha as string;

async function sql(text: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
}

describe('a diff', () => {
  it('of a session runs from its base to its workspace, with what is not committed', async () => {
    const { id } = await session('!echo four >> src/app.ts', '!git mv README.md Readme.md; mv README.md Readme.md');
    await write(id, 'new.txt', 'new\n');
    await write(id, 'debug.log', 'ignored\n');
    expect(await diff(id)).toEqual({
      from: { kind: 'COMMIT', sha: await git(source.path, 'rev-parse', 'main') },
      to: { kind: 'WORKSPACE', sha: null },
      ...{ totalFiles: 3, additions: 2, deletions: 0, skippedPaths: [], note: null },
      files: [
        {
          ...{ path: 'Readme.md', oldPath: 'README.md', kind: 'RENAMED', additions: 0, deletions: 0 },
          ...{ isBinary: false, isImage: false, isUncounted: false },
          ...{ before: { mode: 'FILE', bytes: 7 }, after: { mode: 'FILE', bytes: 7 } },
        },
        {
          ...{ path: 'new.txt', oldPath: null, kind: 'ADDED', additions: 1, deletions: 0 },
          ...{ isBinary: false, isImage: false, isUncounted: false },
          ...{ before: null, after: { mode: 'FILE', bytes: 4 } },
        },
        {
          ...{ path: 'src/app.ts', oldPath: null, kind: 'MODIFIED', additions: 1, deletions: 0 },
          ...{ isBinary: false, isImage: false, isUncounted: false },
          ...{ before: { mode: 'FILE', bytes: 14 }, after: { mode: 'FILE', bytes: 19 } },
        },
      ],
    });
  });

  it('of a turn holds what its commits changed, whether its prompt or its answer is named', async () => {
    const { id, prompts, replies } = await session('!echo a > a.txt', '!echo b > b.txt', '!true');
    const range = { messageId: replies[1].id };
    const turn = await diff(id, range);
    expect(paths(turn)).toEqual(['b.txt']);
    expect(turn).toMatchObject({ from: { sha: commitOf(replies[0]) }, to: { sha: commitOf(replies[1]) } });
    expect(await diff(id, { messageId: prompts[1].id })).toEqual(turn);
    expect(printed(await fileDiff(id, 'b.txt', { range }))).toEqual(['+b']);
    expect(paths(await diff(id, { messageId: replies[0].id }))).toEqual(['a.txt']);
    expect(await diff(id, { messageId: replies[2].id })).toMatchObject({ files: [], totalFiles: 0, note: null });
  });

  it('of two messages runs from the files after the one to those after the other', async () => {
    const { id, prompts, replies } = await session('!true', '!echo a > a.txt', '!echo b > b.txt', '!echo c > c.txt');
    const between = (fromMessageId: string, toMessageId: string) => diff(id, { fromMessageId, toMessageId });
    expect(paths(await between(replies[1].id, replies[3].id))).toEqual(['b.txt', 'c.txt']);
    expect(paths(await between(replies[0].id, replies[1].id))).toEqual(['a.txt']);
    expect(paths(await between(prompts[1].id, prompts[2].id))).toEqual(['a.txt']);
    expect(await between(replies[3].id, replies[2].id)).toMatchObject({ files: [{ path: 'c.txt', kind: 'DELETED' }] });
    await write(id, 'd.txt', 'd\n');
    expect(paths(await diff(id, { fromMessageId: replies[2].id }))).toEqual(['c.txt', 'd.txt']);
    expect(paths(await diff(id, { toMessageId: replies[1].id }))).toEqual(['a.txt']);
    const range = { fromSha: commitOf(replies[1]), toSha: commitOf(replies[2]) };
    expect(paths(await diff(id, range))).toEqual(['b.txt']);
  });

  it('of a turn that was taken back is still there, and the states of the others are as they were', async () => {
    const { id, prompts, replies } = await session('!echo a > a.txt', '!echo b > b.txt', '!echo c > c.txt');
    const { rewindSession } = await app.ask(
      'mutation ($input: RewindSessionInput!) { rewindSession(input: $input) { ... on WorkspaceOperation { status } } }',
      { input: { chatSessionId: id, toMessageId: replies[0].id } },
    );
    expect(rewindSession.status).toBe('SUCCEEDED');
    await talk(app, id, '!echo d > d.txt');
    expect(paths(await diff(id, { messageId: replies[1].id }))).toEqual(['b.txt']);
    expect(paths(await diff(id, { toSha: commitOf(replies[2]) }))).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(paths(await diff(id, { fromMessageId: replies[0].id }))).toEqual(['d.txt']);
    expect(await diff(id, { fromMessageId: prompts[2].id })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('shows the lines of a file with their numbers and ends', async () => {
    const { id } = await session();
    await write(id, 'src/app.ts', 'one\r\nTWO\nthree');
    expect(await fileDiff(id, 'src/app.ts', { context: 0 })).toMatchObject({
      file: { path: 'src/app.ts', kind: 'MODIFIED', additions: 3, deletions: 3 },
      ...{ isCut: false, note: null, to: { kind: 'WORKSPACE' } },
      hunks: [
        {
          ...{ oldStart: 1, oldLines: 3, newStart: 1, newLines: 3 },
          lines: [
            { kind: 'REMOVED', oldNumber: 1, newNumber: null, text: 'one', end: 'LF', isCut: false },
            { kind: 'REMOVED', text: 'two' },
            { kind: 'REMOVED', text: 'three', end: 'LF' },
            { kind: 'ADDED', oldNumber: null, newNumber: 1, text: 'one', end: 'CRLF' },
            { kind: 'ADDED', text: 'TWO', end: 'LF' },
            { kind: 'ADDED', text: 'three', end: 'NONE' },
          ],
        },
      ],
    });
  });

  it('says what it leaves out, in words', async () => {
    const { id } = await session();
    await write(id, 'large.txt', Buffer.alloc(5 * 1024 * 1024, 'x\n'));
    await write(id, 'long.txt', 'line\n'.repeat(6_000));
    expect(await diff(id)).toMatchObject({
      note: 'The lines of 1 of them were not counted: they are too large, or too much differs.',
    });
    expect(await fileDiff(id, 'large.txt')).toMatchObject({
      file: { isUncounted: true },
      hunks: [],
      note: 'It is too large to be compared line by line: 5 MiB, of at most 4 MiB.',
    });
    expect(await fileDiff(id, 'long.txt')).toMatchObject({ isCut: true, note: expect.stringMatching(/^More lines/) });
  });

  it('goes on from the commits when the workspace is not there any more', async () => {
    const { id, replies } = await session('!echo a > a.txt');
    await rm(folderOf(id), { recursive: true });
    expect(await diff(id)).toMatchObject({ to: { kind: 'COMMIT', sha: commitOf(replies[0]) }, totalFiles: 1 });
    expect(printed(await fileDiff(id, 'a.txt'))).toEqual(['+a']);
    expect(await file(id, 'a.txt')).toMatchObject({ text: 'a\n', at: { kind: 'COMMIT' } });
    expect((await folder(id)).entries).toHaveLength(4);
  });

  it('is that of all its files in a repository that began without a commit', async () => {
    const projectId = await newProject(app, { template: 'EMPTY' });
    const empty = await newSession(app, projectId);
    await talk(app, empty.id, '!echo first > first.txt');
    const own = await diff(empty.id);
    expect(own.files).toContainEqual(expect.objectContaining({ path: 'first.txt', kind: 'ADDED' }));
    const { messages } = await conversation(app, empty.id);
    const [prompt, reply] = messages.nodes.map(({ id }: SeenEvent) => id);
    expect((await diff(empty.id, { fromMessageId: prompt })).files).toEqual(own.files);
    expect((await diff(empty.id, { messageId: reply })).files).toEqual(own.files);
  });
});

describe('a folder', () => {
  it('holds what lies in it, folders first, with what git knows of each, and never .git', async () => {
    const { id } = await session();
    await mkdir(join(folderOf(id), 'dist'));
    await write(id, 'dist/app.js', 'x\n');
    await write(id, 'run.sh', 'x\n');
    await chmod(join(folderOf(id), 'run.sh'), 0o755);
    await symlink('/etc/passwd', join(folderOf(id), 'link'));
    const common = { bytes: null, isExecutable: false, linkTarget: null };
    expect(await folder(id)).toEqual({
      ...{ at: { kind: 'WORKSPACE', sha: null }, path: '', totalEntries: 6 },
      entries: [
        { ...common, name: 'dist', path: 'dist', kind: 'FOLDER', status: 'IGNORED' },
        { ...common, name: 'src', path: 'src', kind: 'FOLDER', status: 'TRACKED' },
        { ...common, name: '.gitignore', path: '.gitignore', kind: 'FILE', bytes: 12, status: 'TRACKED' },
        { ...common, name: 'README.md', path: 'README.md', kind: 'FILE', bytes: 7, status: 'TRACKED' },
        { ...common, name: 'link', path: 'link', kind: 'LINK', linkTarget: '/etc/passwd', status: 'UNTRACKED' },
        { ...common, name: 'run.sh', path: 'run.sh', kind: 'FILE', bytes: 2, isExecutable: true, status: 'UNTRACKED' },
      ],
    });
    expect((await folder(id, 'dist')).entries).toMatchObject([{ path: 'dist/app.js', status: 'IGNORED' }]);
    expect((await folder(id, 'src')).entries).toMatchObject([{ path: 'src/app.ts', bytes: 14, status: 'TRACKED' }]);
  });

  it('is the same in a commit, with the sizes and targets of then', async () => {
    const { id, replies } = await session('!ln -s src/app.ts link; echo x > run.sh; chmod +x run.sh', '!rm -r src');
    const common = { isExecutable: false, linkTarget: null, status: 'TRACKED' };
    expect(await folder(id, '', { messageId: replies[0].id })).toEqual({
      ...{ at: { kind: 'COMMIT', sha: commitOf(replies[0]) }, path: '', totalEntries: 5 },
      entries: [
        { ...common, name: 'src', path: 'src', kind: 'FOLDER', bytes: null },
        { ...common, name: '.gitignore', path: '.gitignore', kind: 'FILE', bytes: 12 },
        { ...common, name: 'README.md', path: 'README.md', kind: 'FILE', bytes: 7 },
        { ...common, name: 'link', path: 'link', kind: 'LINK', bytes: null, linkTarget: 'src/app.ts' },
        { ...common, name: 'run.sh', path: 'run.sh', kind: 'FILE', bytes: 2, isExecutable: true },
      ],
    });
    expect(await folder(id, 'src', { sha: commitOf(replies[0]) })).toMatchObject({ entries: [{ path: 'src/app.ts' }] });
    expect(await folder(id, 'src')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await folder(id, 'src', { atBase: true })).toMatchObject({ totalEntries: 1 });
  });
});

describe('a file', () => {
  it('is shown with its text and how that is stored, then and now', async () => {
    const { id } = await session();
    await write(id, 'src/app.ts', '\uFEFFone\r\ntwo\r\n');
    await write(id, 'old.txt', Buffer.from('caf\xe9', 'latin1'));
    await write(id, 'wide.txt', Buffer.from('\uFEFFwide\n', 'utf16le'));
    expect(await file(id, 'src/app.ts')).toEqual({
      ...{ at: { kind: 'WORKSPACE', sha: null }, path: 'src/app.ts', mode: 'FILE', bytes: 13, linkTarget: null },
      blobSha: await git(folderOf(id), 'hash-object', '--no-filters', 'src/app.ts'),
      ...{ isBinary: false, text: 'one\r\ntwo\r\n', encoding: 'utf-8', lineEnds: 'CRLF' },
      ...{ mediaType: null, base64: null, isCut: false, note: null },
    });
    expect(await file(id, 'src/app.ts', { atBase: true })).toMatchObject({
      ...{ text: 'one\ntwo\nthree\n', lineEnds: 'LF', at: { kind: 'COMMIT' } },
      blobSha: await git(source.path, 'rev-parse', 'main:src/app.ts'),
    });
    expect(await file(id, 'old.txt')).toMatchObject({ text: 'café', encoding: 'windows-1252', lineEnds: 'NONE' });
    expect(await file(id, 'wide.txt')).toMatchObject({ text: 'wide\n', encoding: 'utf-16le', isBinary: false });
  });

  it('is a picture by what it holds, and sent when it is not too large', async () => {
    const { id } = await session();
    const picture = Buffer.from('89504e470d0a1a0a0000000d', 'hex');
    await write(id, 'logo.dat', picture);
    await write(id, 'fake.png', 'no picture\n');
    await write(id, 'logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>\n');
    await write(id, 'big.png', Buffer.concat([picture, Buffer.alloc(9 * 1024 * 1024)]));
    await write(id, 'data.bin', Buffer.from([0, 1, 2]));
    expect(await file(id, 'logo.dat')).toMatchObject({
      ...{ isBinary: true, text: null, mediaType: 'image/png', base64: picture.toString('base64') },
    });
    expect(await file(id, 'fake.png')).toMatchObject({ isBinary: false, text: 'no picture\n', mediaType: null });
    expect(await file(id, 'logo.svg')).toMatchObject({
      mediaType: 'image/svg+xml',
      text: expect.stringMatching('<svg'),
    });
    expect(await file(id, 'data.bin')).toMatchObject({ isBinary: true, mediaType: null, base64: null, note: null });
    const big = { isCut: true, base64: null, blobSha: null, note: 'This picture is too large to be shown: 9 MiB.' };
    expect(await file(id, 'big.png')).toMatchObject(big);
  });

  it('is cut where it is too large, between two characters, and says so', async () => {
    const { id } = await session();
    await write(id, 'large.txt', 'é'.repeat(700_000));
    const cut = await file(id, 'large.txt');
    expect(cut).toMatchObject({ isCut: true, bytes: 1_400_000, note: 'Only its beginning is shown: it has 1.3 MiB.' });
    expect(cut.text).toBe('é'.repeat(512 * 1024));
    await write(id, 'huge.txt', Buffer.alloc(20 * 1024 * 1024, 'x'));
    expect(await file(id, 'huge.txt')).toMatchObject({ isCut: true, blobSha: null, text: 'x'.repeat(1024 * 1024) });
  });

  it('that is a link shows where it leads and nothing of what is there', async () => {
    const { id } = await session();
    const secret = join(app.dataDir, 'marker');
    await mkdir(secret, { recursive: true });
    await writeFile(join(secret, 'marker.txt'), 'the secret\n');
    await symlink(join(secret, 'marker.txt'), join(folderOf(id), 'link'));
    await symlink(secret, join(folderOf(id), 'folder'));
    expect(await file(id, 'link')).toMatchObject({ mode: 'LINK', linkTarget: join(secret, 'marker.txt'), text: null });
    expect(printed(await fileDiff(id, 'link'))).toEqual([`+${join(secret, 'marker.txt')}`]);
    for (const answer of [
      await file(id, 'folder/marker.txt'),
      await folder(id, 'folder/..'),
      await folder(id, 'folder'),
      await fileDiff(id, 'folder/marker.txt'),
    ]) {
      expect(answer).toMatchObject({ code: expect.stringMatching(/BEHIND_LINK|NOT_FOUND|INVALID_INPUT/) });
      expect(JSON.stringify(answer)).not.toContain('the secret');
    }
    expect((await file(id, 'folder/marker.txt')).message).toBe(
      '"folder/marker.txt" lies behind a link. Links are shown, but not followed.',
    );
  });
});

describe('what cannot be shown', () => {
  it('is said with its reason, for people and for programs', async () => {
    const { id, replies } = await session('!echo a > a.txt');
    const other = await session('!echo other > other.txt');
    const theirs = commitOf(other.replies[0]);
    const notFound = { __typename: 'NotFound', code: 'NOT_FOUND' };
    const noMessage = { ...notFound, message: 'This message does not exist, or is not part of this chat.' };
    const noCommit = { ...notFound, message: 'This commit is not part of this chat.' };
    const invalid = (about: string) => ({
      ...{ __typename: 'InvalidInput', code: 'INVALID_INPUT', message: expect.stringContaining(about) },
    });
    expect(await diff(id, { messageId: other.replies[0].id })).toEqual(noMessage);
    expect(await diff(id, { fromMessageId: 'x' })).toEqual(noMessage);
    expect(await file(id, 'a.txt', { messageId: other.replies[0].id })).toEqual(noMessage);
    expect(await diff(id, { fromSha: theirs })).toEqual(noCommit);
    expect(await folder(id, '', { sha: theirs })).toEqual(noCommit);
    expect(await file(id, 'other.txt', { sha: theirs })).toEqual(noCommit);
    // The control: in its own chat the same commit is shown.
    expect(await file(other.id, 'other.txt', { sha: theirs })).toMatchObject({ text: 'other\n' });
    expect(await diff(id, { messageId: replies[0].id, toSha: theirs })).toEqual(invalid('messageId alone'));
    expect(await diff(id, { fromMessageId: replies[0].id, fromSha: theirs })).toEqual(invalid('not both'));
    expect(await folder(id, '', { sha: theirs, atBase: true })).toEqual(invalid('one of its fields'));
    expect(await file(id, 'nothing.txt')).toEqual({
      ...{ ...notFound, message: 'There is no "nothing.txt" among the files of this chat at that point.' },
    });
    expect(await file(id, 'src')).toEqual(invalid('"src" is not a file.'));
    expect(await folder(id, 'a.txt')).toEqual(invalid('"a.txt" is not a folder.'));
    for (const path of ['../a.txt', '/etc/passwd', '.git/config', '.GIT/config', 'src/../a.txt', '']) {
      expect(await file(id, path)).toMatchObject(notFound);
    }
    expect(await folder(id, '.git')).toMatchObject(notFound);
  });

  it('is the reason why there are no files: being made, not made, gone', async () => {
    const { id } = await newSession(app, projectId);
    await until(async () => (await conversation(app, id)).workspace.status === 'READY');
    await rm(folderOf(id), { recursive: true });
    const conflict = (code: string) => ({ __typename: 'Conflict', code, message: expect.any(String) });
    for (const [status, code] of [
      ['preparing', 'WORKSPACE_PREPARING'],
      ['failed', 'WORKSPACE_FAILED'],
      ['cleaned', 'WORKSPACE_GONE'],
    ] as const) {
      await sql('UPDATE chat_sessions SET workspace_status = $2 WHERE session_id = $1', [id, status]);
      expect(await folder(id)).toEqual(conflict(code));
      expect(await diff(id)).toEqual(conflict(code));
    }
    await sql('UPDATE chat_sessions SET base_branch = $2 WHERE session_id = $1', [id, 'gone']);
    expect(await folder(id, '', { atBase: true })).toEqual(conflict('BASE_BRANCH_GONE'));
    await sql('UPDATE chat_sessions SET runner_id = $2 WHERE session_id = $1', [id, 'elsewhere']);
    expect(await diff(id)).toEqual(conflict('RUNNER_UNREACHABLE'));
  });

  it('is a workspace whose .git was taken away', async () => {
    const { id } = await session('!echo a > a.txt');
    await rename(join(folderOf(id), '.git'), join(folderOf(id), 'kept'));
    expect(await folder(id)).toMatchObject({ __typename: 'Conflict', code: 'NOT_A_REPOSITORY' });
    expect(await folder(id, '', { atBase: true })).toMatchObject({ totalEntries: 3 });
  });
});

it('a commit that only a rescue ref of the session leads to can be looked at', async () => {
  const { id, replies } = await session('!echo a > a.txt');
  const kept = await git(base(), 'commit-tree', '-p', commitOf(replies[0]), '-m', 'kept', 'main^{tree}');
  expect(await diff(id, { toSha: kept })).toMatchObject({ code: 'NOT_FOUND' });
  await git(base(), 'update-ref', `refs/kosuke/rescue/${id}/archive`, kept);
  expect(await diff(id, { toSha: kept })).toMatchObject({ totalFiles: 0, to: { sha: kept } });
});

it('a diff can be looked at while the agent is at work', async () => {
  const { id } = await session();
  const { run } = await send(app, id, '!echo now > now.txt; sleep 60');
  for (;;) if (paths(await diff(id)).includes('now.txt')) break;
  expect((await conversation(app, id)).latestRun.status).toBe('RUNNING');
  await app.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
  await untilEnded(app, id, run.id);
});
