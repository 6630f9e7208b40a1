import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
import { git } from '../test/git-fixture.ts';
import { startServer } from '../test/server-process.ts';
import { createTestDatabase, type TestDatabase } from '../test/test-database.ts';
import { OWNER_TOKEN, remoteKit } from '../test/testkit.ts';

let database: TestDatabase;
let dataDir: string;
let env: Record<string, string>;

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-data-'));
  env = {
    DATABASE_URL: database.url,
    KOSUKE_DATA_DIR: dataDir,
    KOSUKE_OWNER_TOKEN: OWNER_TOKEN,
    KOSUKE_LOG_LEVEL: 'error',
  };
}, 60_000);

afterEach(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Follows a run until its output has come so far. */
async function seeOutput(stream: AsyncIterableIterator<SeenEvent>, pieces: number): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  let left = pieces;
  while (left > 0) {
    const { value, done } = await stream.next();
    if (done) throw new Error('The stream ended.');
    seen.push(value);
    if (value.__typename === 'TextAppended') left -= 1;
  }
  return seen;
}

const beats = async (path: string) => (await readFile(path, 'utf8')).length;

describe('when the server is killed in the middle of an answer', () => {
  it('has kept all that anybody saw, says that the run was interrupted, and goes on', async () => {
    const first = await startServer(env);
    let kit = remoteKit(first.url);
    const projectId = await newProject(kit);
    const session = await newSession(kit, projectId);
    const { run } = await send(
      kit,
      session.id,
      '!for i in $(seq 1 6000); do echo line $i; echo $i >> written.txt; sleep 0.01; done',
    );
    const seen = await seeOutput(events(kit, session.id, 0), 12);
    await first.end('SIGKILL');
    await kit.close();

    const second = await startServer(env);
    kit = remoteKit(second.url);
    const after = await untilEnded(kit, session.id, run.id);
    expect(after.slice(0, seen.length)).toEqual(seen);
    const chat = await conversation(kit, session.id);
    expect(chat.latestRun).toMatchObject({
      status: 'INTERRUPTED',
      canRetry: true,
      errorMessage: expect.stringContaining('kept'),
    });
    const answer = chat.messages.nodes[1];
    expect(answer).toMatchObject({ status: 'COMPLETE' });
    expect(answer.parts[0]).toMatchObject({ status: 'FAILED', output: expect.stringContaining('line 1\nline 2\n') });
    expect(answer.parts.map(({ __typename }: SeenEvent) => __typename)).toContain('NoticePart');

    // Nothing of the killed run works on behind our backs.
    const written = join(dataDir, 'projects', projectId, 'sessions', session.id, 'written.txt');
    const atStart = await beats(written);
    const next = await talk(kit, session.id, '!echo alive; sleep 0.3');
    expect(next.at(-1).run.status).toBe('SUCCEEDED');
    expect(await beats(written)).toBe(atStart);

    // What it had written became a commit, of the message that wrote it.
    const commit = (await conversation(kit, session.id)).messages.nodes[1].parts.find(
      ({ __typename }: SeenEvent) => __typename === 'CommitPart',
    );
    expect(commit.files).toMatchObject([{ path: 'written.txt' }]);
    expect(await git(join(dataDir, 'projects', projectId, 'sessions', session.id), 'rev-parse', session.branch)).toBe(
      commit.sha,
    );
    await kit.close();
    expect(await second.end('SIGTERM')).toBe(0);
  }, 120_000);
});

describe('when the server is told to stop in the middle of an answer', () => {
  it('ends by itself within seconds, and the answer is there as far as it came', async () => {
    const first = await startServer(env);
    let kit = remoteKit(first.url);
    const session = await newSession(kit, await newProject(kit));
    const { run } = await send(kit, session.id, '!for i in $(seq 1 6000); do echo line $i; sleep 0.01; done');
    await seeOutput(events(kit, session.id, 0), 3);
    expect(await first.end('SIGTERM')).toBe(0);
    await kit.close();

    const second = await startServer(env);
    kit = remoteKit(second.url);
    await untilEnded(kit, session.id, run.id);
    expect((await conversation(kit, session.id)).latestRun.status).toBe('INTERRUPTED');
    await kit.close();
    await second.end('SIGTERM');
  }, 120_000);
});

describe('a second instance', () => {
  it('on the same data folder is refused with the address of the first', async () => {
    const first = await startServer(env);
    await expect(startServer(env)).rejects.toThrow(/already running.*http/);
    await first.end('SIGTERM');
  }, 60_000);

  it('on the same port is refused with what to do', async () => {
    const first = await startServer(env);
    const other = await createTestDatabase();
    const otherDir = await mkdtemp(join(tmpdir(), 'kosuke-test-data-'));
    const port = new URL(first.url).port;
    await expect(
      startServer({ ...env, DATABASE_URL: other.url, KOSUKE_DATA_DIR: otherDir, PORT: port }),
    ).rejects.toThrow(/PORT/);
    await first.end('SIGTERM');
    await other.drop();
    await rm(otherDir, { recursive: true });
  }, 60_000);
});

describe('the embedded database', () => {
  it('survives the kill of the program and is taken over by the next start', async () => {
    const { DATABASE_URL: _, ...embedded } = env;
    const first = await startServer(embedded);
    let kit = remoteKit(first.url);
    const session = await newSession(kit, await newProject(kit), 'Kept');
    await talk(kit, session.id, '!echo kept');
    await first.end('SIGKILL');
    await kit.close();

    const second = await startServer(embedded);
    kit = remoteKit(second.url);
    expect((await conversation(kit, session.id)).messages.nodes[1].parts[0].output).toBe('kept\n');
    await kit.close();
    expect(await second.end('SIGTERM')).toBe(0);
  }, 120_000);
});
