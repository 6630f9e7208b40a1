import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { newProject, newSession, type SeenEvent, send, talk, untilEnded } from '../test/conversation.ts';
import { git, makeRepository } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { createTestDatabase, type TestDatabase } from '../test/test-database.ts';
import { type Kit, startTestApp, type TestApp } from '../test/testkit.ts';

let database: TestDatabase;
let db: pg.Client;
let kit: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await startTestApp({ KOSUKE_AGENT_IDLE_SECONDS: '2' }, database);
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
  // Every check writes the row, also one that finds nothing new: so the database itself counts them.
  await db.query(`
    CREATE TABLE checks (id BIGSERIAL PRIMARY KEY, session_id TEXT);
    CREATE FUNCTION count_check() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO checks (session_id) VALUES (new.session_id); RETURN new; END $$;
    CREATE TRIGGER count_checks AFTER INSERT OR UPDATE ON branch_statuses FOR EACH ROW EXECUTE FUNCTION count_check();
  `);
}, 60_000);

afterAll(async () => {
  await db?.end();
  await kit?.close();
});

const FIELDS = `id path branch currentBranch headSha baseBranch baseSha mergeBaseSha aheadOfBase behindBase
  remote { branch sha ahead behind } dirtyFiles { path kind } dirtyFileCount conflictPaths conflictCount
  isDrifted sync diskBytes processCount checkedAt`;

const read = async (id: string) =>
  (await kit.ask(`query ($id: ID!) { chatSession(id: $id) { branchStatus { ${FIELDS} } } }`, { id })).chatSession
    .branchStatus;

const checksOf = async (id: string) =>
  Number((await db.query('SELECT count(*) FROM checks WHERE session_id = $1', [id])).rows[0].count);

/** What somebody sees who watches the branch of a session. */
function watch(id: string, on: Kit = kit) {
  const seen: SeenEvent[] = [];
  const stream = on.watch(`subscription ($id: ID!) { branchStatusChanged(chatSessionId: $id) { ${FIELDS} } }`, { id });
  const reading = (async () => {
    for await (const { branchStatusChanged } of stream) seen.push(branchStatusChanged);
  })();
  return {
    seen,
    /** The newest one, once it is as wanted. */
    until: (isWanted: (status: SeenEvent) => boolean): Promise<SeenEvent> =>
      until(() => (seen.length > 0 && isWanted(seen.at(-1)) ? seen.at(-1) : null)),
    async end() {
      await stream.return?.();
      await reading;
    },
  };
}

/** A project with a few files and a session of it that is ready, checked and measured. */
async function begin(files: Record<string, string> = { 'a.txt': 'a\n', 'b.txt': 'b\n' }) {
  const source = await makeRepository(files);
  const projectId = await newProject(kit, { localPath: source.path });
  const session = await newSession(kit, projectId);
  await until(async () => (await read(session.id))?.diskBytes);
  await source.remove();
  const projects = join(kit.dataDir, 'projects', projectId);
  return { projectId, ...session, path: join(projects, 'sessions', session.id), base: join(projects, 'main') };
}

describe('the status of a branch', () => {
  it('is there as soon as the workspace is', async () => {
    const session = await begin();
    const head = await git(session.path, 'rev-parse', 'HEAD');
    expect(await read(session.id)).toEqual({
      ...{ id: session.id, path: session.path, branch: session.branch, currentBranch: session.branch },
      ...{ headSha: head, baseBranch: 'main', baseSha: head, mergeBaseSha: head, aheadOfBase: 0, behindBase: 0 },
      ...{ remote: null, dirtyFiles: [], dirtyFileCount: 0, conflictPaths: [], conflictCount: 0 },
      ...{ isDrifted: false, sync: 'CLEAN', diskBytes: expect.any(Number), processCount: 0 },
      checkedAt: expect.any(String),
    });
  }, 60_000);

  it('follows what an agent commits, and how much it wrote', async () => {
    const session = await begin();
    const watcher = watch(session.id);
    const before = await watcher.until(() => true);
    await talk(kit, session.id, '!head -c 1000000 /dev/urandom > large.bin');
    const after = await watcher.until(
      ({ aheadOfBase, diskBytes }) => aheadOfBase === 1 && diskBytes > before.diskBytes,
    );
    expect(after).toMatchObject({ sync: 'AHEAD', behindBase: 0, dirtyFileCount: 0 });
    expect(after.headSha).toBe(await git(session.path, 'rev-parse', 'HEAD'));
    expect(after.mergeBaseSha).toBe(before.headSha);
    // The file itself and its object; the latter is shared with the base and stays when the workspace goes.
    expect(after.diskBytes - before.diskBytes).toBeGreaterThan(1_000_000);
    expect(after.diskBytes - before.diskBytes).toBeLessThan(1_200_000);
    await watcher.end();
  }, 60_000);

  it('shows what an agent writes while it is still at work, and what runs in its sandbox', async () => {
    const session = await begin();
    const watcher = watch(session.id);
    const { run } = await send(
      kit,
      session.id,
      '!mkdir -p new/deep && echo x > new/deep/file.txt && echo y > a.txt && sleep 600',
    );
    const during = await watcher.until(({ dirtyFileCount, processCount }) => dirtyFileCount === 2 && processCount >= 2);
    expect(during).toMatchObject({
      sync: 'DIRTY',
      dirtyFiles: [
        { path: 'a.txt', kind: 'MODIFIED' },
        { path: 'new/deep/file.txt', kind: 'ADDED' },
      ],
    });
    await kit.ask('mutation ($id: ID!) { stopRun(id: $id) { __typename } }', { id: run.id });
    await untilEnded(kit, session.id, run.id);
    expect(await watcher.until(({ processCount }) => processCount === 0)).toMatchObject({ processCount: 0 });
    await watcher.until(({ sync }) => sync === 'AHEAD');
    await watcher.end();
  }, 60_000);

  it('forgets the processes of an agent that was ended for having nothing to do', async () => {
    const session = await begin();
    const watcher = watch(session.id);
    await talk(kit, session.id, '!true');
    await watcher.until(({ processCount }) => processCount === 1);
    await watcher.until(({ processCount }) => processCount === 0);
    await watcher.end();
  }, 60_000);

  it('sees what anybody does to the files while somebody watches, in new folders too', async () => {
    const session = await begin();
    const watcher = watch(session.id);
    await watcher.until(() => true);
    await until(async () => (await checksOf(session.id)) >= 3);
    await writeFile(join(session.path, 'b.txt'), 'changed\n');
    await watcher.until(({ dirtyFiles }) => dirtyFiles.some((file: SeenEvent) => file.path === 'b.txt'));
    await git(session.path, 'checkout', '--quiet', 'b.txt');
    await watcher.until(({ sync }) => sync === 'CLEAN');
    await rm(join(session.path, 'a.txt'));
    await watcher.until(({ dirtyFiles }) => dirtyFiles[0]?.kind === 'DELETED');
    await watcher.end();
  }, 60_000);

  it('is computed once for however many watch, and not at all while nothing changes', async () => {
    const session = await begin();
    const first = watch(session.id);
    // Its first check, the size of the disk, and the check that the first one to look asks for.
    await until(async () => (await checksOf(session.id)) === 3);
    await writeFile(join(session.path, 'a.txt'), 'changed\n');
    await first.until(({ dirtyFileCount }) => dirtyFileCount === 1);
    const others = Array.from({ length: 5 }, () => watch(session.id));
    for (const other of others) await other.until(({ dirtyFileCount }) => dirtyFileCount === 1);
    expect(await checksOf(session.id)).toBe(4);
    // Others are at work meanwhile, in the same project.
    const neighbour = await newSession(kit, session.projectId);
    await talk(kit, neighbour.id, '!echo x > x.txt');
    await until(async () => (await read(neighbour.id))?.sync === 'AHEAD');
    expect(await checksOf(session.id)).toBe(4);
    await rm(join(session.path, 'a.txt'));
    const all = [first, ...others];
    for (const watcher of all) await watcher.until(({ dirtyFiles }) => dirtyFiles[0]?.kind === 'DELETED');
    expect(await checksOf(session.id)).toBe(5);
    for (const watcher of all) {
      expect(new Set(watcher.seen.map((status) => JSON.stringify(status))).size).toBe(watcher.seen.length);
      await watcher.end();
    }
  }, 60_000);
});

describe('the base branch of a session', () => {
  const refresh = (id: string) => kit.ask('mutation ($id: ID!) { refreshProject(id: $id) { __typename } }', { id });

  it('moves with the project, and what would conflict is said before anybody merges', async () => {
    const source = await makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const projectId = await newProject(kit, { localPath: source.path });
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!echo ours > a.txt');
    await until(async () => (await read(session.id))?.sync === 'AHEAD');
    const sidebar: SeenEvent[] = [];
    const stream = kit.watch(
      'subscription ($id: ID!) { chatSessionChanged(projectId: $id) { chatSession { branchStatus { sync behindBase } } } }',
      { id: projectId },
    );
    void (async () => {
      for await (const { chatSessionChanged } of stream) sidebar.push(chatSessionChanged.chatSession.branchStatus);
    })();
    const watcher = watch(session.id);
    await watcher.until(() => true);

    await writeFile(join(source.path, 'b.txt'), 'theirs\n');
    await git(source.path, 'commit', '--quiet', '--all', '--message=b');
    await refresh(projectId);
    expect(await watcher.until(({ behindBase }) => behindBase === 1)).toMatchObject({
      ...{ sync: 'DIVERGED', aheadOfBase: 1, conflictCount: 0 },
      baseSha: await git(source.path, 'rev-parse', 'HEAD'),
    });
    await writeFile(join(source.path, 'a.txt'), 'theirs\n');
    await git(source.path, 'commit', '--quiet', '--all', '--message=a');
    await refresh(projectId);
    expect(await watcher.until(({ behindBase }) => behindBase === 2)).toMatchObject({
      ...{ sync: 'CONFLICT', conflictCount: 1, conflictPaths: ['a.txt'], dirtyFileCount: 0 },
    });
    expect(await until(() => sidebar.find((status) => status?.sync === 'CONFLICT'))).toMatchObject({ behindBase: 2 });
    await stream.return?.();
    await watcher.end();
    await source.remove();
  }, 60_000);

  it('may be the branch of another session, which moves with each of its commits', async () => {
    const one = await begin();
    await talk(kit, one.id, '!echo 1 > one.txt');
    await until(async () => (await read(one.id)).sync === 'AHEAD');
    const { createChatSession: other } = await kit.ask(
      'mutation ($input: CreateChatSessionInput!) { createChatSession(input: $input) { ... on ChatSession { id } ... on UserError { message } } }',
      { input: { projectId: one.projectId, title: 'On top', baseBranch: one.branch } },
    );
    await until(async () => (await read(other.id))?.sync === 'CLEAN');
    await talk(kit, one.id, '!echo 2 > two.txt');
    await until(async () => (await read(other.id)).sync === 'BEHIND');
  }, 60_000);

  it('is compared with what was pushed, too', async () => {
    const session = await begin();
    await talk(kit, session.id, '!echo 1 > one.txt');
    const pushed = await git(session.path, 'rev-parse', 'HEAD');
    await git(session.base, 'update-ref', `refs/remotes/origin/${session.branch}`, pushed);
    await talk(kit, session.id, '!echo 2 > two.txt');
    await until(async () => (await read(session.id)).aheadOfBase === 2);
    expect((await read(session.id)).remote).toEqual({
      ...{ branch: `origin/${session.branch}`, sha: pushed, ahead: 1, behind: 0 },
    });
  }, 60_000);
});

describe('HEAD that is not on the branch of its session', () => {
  const repair = async (id: string) =>
    (
      await kit.ask(
        `mutation ($id: ID!) { repairBranch(chatSessionId: $id) {
           ... on WorkspaceOperation { status errorMessage } ... on UserError { code message } } }`,
        { id },
      )
    ).repairBranch;
  const noticesOf = (events: SeenEvent[]) =>
    events.flatMap(({ part }) => (part?.__typename === 'NoticePart' ? [part.code] : []));

  it('keeps runs from starting, until one click puts it back and keeps every commit and file', async () => {
    const session = await begin();
    const watcher = watch(session.id);
    await watcher.until(() => true);
    await git(session.path, 'checkout', '--quiet', '-b', 'elsewhere');
    await writeFile(join(session.path, 'a.txt'), 'elsewhere\n');
    await git(session.path, 'commit', '--quiet', '--all', '--message=elsewhere');
    const lost = await git(session.path, 'rev-parse', 'HEAD');
    await writeFile(join(session.path, 'b.txt'), 'not committed\n');
    expect(await watcher.until((now) => now.headSha === lost && now.dirtyFileCount === 1)).toMatchObject({
      ...{ sync: 'DRIFTED', isDrifted: true, currentBranch: 'elsewhere' },
    });

    const refused = await talk(kit, session.id, '!echo never > never.txt');
    expect(noticesOf(refused)).toEqual(['drifted']);
    expect(refused.at(-1).run).toMatchObject({ status: 'FAILED', errorCode: 'drifted', canRetry: true });
    expect(existsSync(join(session.path, 'never.txt'))).toBe(false);
    const { chatSession } = await kit.ask('query ($id: ID!) { chatSession(id: $id) { workspace { status } } }', {
      id: session.id,
    });
    expect(chatSession.workspace).toEqual({ status: 'READY' });

    expect(await repair(session.id)).toEqual({ status: 'SUCCEEDED', errorMessage: null });
    expect(await watcher.until(({ isDrifted }) => !isDrifted)).toMatchObject({
      ...{ sync: 'DIRTY', currentBranch: session.branch, dirtyFileCount: 2 },
    });
    const rescued = await git(
      session.base,
      'for-each-ref',
      '--format=%(objectname)',
      `refs/kosuke/rescue/${session.id}/`,
    );
    expect(rescued).toBe(lost);
    await talk(kit, session.id, '!echo on > on.txt');
    expect(await watcher.until(({ sync }) => sync === 'AHEAD')).toMatchObject({ aheadOfBase: 1, dirtyFileCount: 0 });
    expect(await git(session.base, 'show', `${session.branch}:b.txt`)).toBe('not committed');
    await watcher.end();
  }, 60_000);

  it('keeps a run from committing when it was moved meanwhile; the next one commits it all', async () => {
    const session = await begin();
    const { run } = await send(kit, session.id, '!until [ -e go ]; do sleep 0.02; done; echo late > late.txt');
    await until(async () => (await read(session.id)).processCount >= 2);
    await git(session.path, 'checkout', '--quiet', '--detach');
    await writeFile(join(session.path, 'go'), '');
    const seen = await untilEnded(kit, session.id, run.id);
    expect(noticesOf(seen)).toEqual(['drifted']);
    expect(seen.at(-1).run).toMatchObject({ status: 'FAILED', errorCode: 'drifted' });
    await until(async () => (await read(session.id)).isDrifted);
    expect(await repair(session.id)).toMatchObject({ status: 'SUCCEEDED' });
    await talk(kit, session.id, '!echo next > next.txt');
    await until(async () => (await read(session.id)).sync === 'AHEAD');
    expect(await git(session.base, 'ls-tree', '--name-only', session.branch)).toContain('late.txt');
  }, 60_000);
});

describe('a workspace that is gone', () => {
  it('holds nothing, keeps what is known of its branch, and is watched again once it is back', async () => {
    const session = await begin();
    await talk(kit, session.id, '!echo 1 > one.txt');
    await until(async () => (await read(session.id)).sync === 'AHEAD');
    await rm(session.path, { recursive: true });
    const watcher = watch(session.id);
    expect(await watcher.until(({ diskBytes }) => diskBytes === 0)).toMatchObject({
      ...{ sync: 'AHEAD', aheadOfBase: 1, processCount: 0, dirtyFileCount: 0 },
    });
    await kit.ask('mutation ($id: ID!) { repairBranch(chatSessionId: $id) { __typename } }', { id: session.id });
    await watcher.until(({ diskBytes }) => diskBytes > 0);
    await writeFile(join(session.path, 'by-hand.txt'), '');
    await watcher.until(({ dirtyFiles }) => dirtyFiles[0]?.path === 'by-hand.txt');
    await watcher.end();
  }, 60_000);
});

describe('those who look', () => {
  it('get all of a long list with one question to the database, and the long parts only when they ask', async () => {
    const projectId = await newProject(kit);
    await db.query(
      `INSERT INTO chat_sessions (session_id, project_id, title, github_branch_name, base_branch, workspace_status, user_id)
       SELECT 'many' || n, $1, 'Chat ' || n, 'kosuke-chat-many' || n, 'main', 'preparing', NULL FROM generate_series(1, 200) AS n`,
      [projectId],
    );
    await db.query(
      `INSERT INTO branch_statuses (chat_session_id, session_id, path, branch, current_branch, base_branch, ahead_of_base,
         behind_base, dirty_files, dirty_file_count, conflict_paths, conflict_count)
       SELECT id, session_id, '/', github_branch_name, github_branch_name, 'main', 1, 0, '[]', 0, '[]', 0
       FROM chat_sessions WHERE project_id = $1`,
      [projectId],
    );
    const query = jest.spyOn(pg.Client.prototype, 'query');
    // The runner, which looks at one session at a time, is not meant.
    const asked = () => {
      const texts = query.mock.calls.map(([first]) => JSON.stringify(first));
      query.mockClear();
      return texts.filter((text) => text.includes('branch_statuses') && text.includes(' IN (')).length;
    };
    const page = async (fields: string, after: string | null) =>
      (
        await kit.ask(
          `query ($id: ID!, $after: String) { project(id: $id) { sessions(first: 100, after: $after) {
             nodes { branchStatus { ${fields} } } pageInfo { endCursor } } } }`,
          { id: projectId, after },
        )
      ).project.sessions;
    const first = await page('sync aheadOfBase behindBase dirtyFileCount', null);
    expect(first.nodes.map((node: SeenEvent) => node.branchStatus.sync)).toEqual(Array(100).fill('AHEAD'));
    expect(asked()).toBe(1);
    const second = await page('sync', first.pageInfo.endCursor);
    expect(second.nodes).toHaveLength(100);
    expect(asked()).toBe(1);
    await page('sync dirtyFiles { path } conflictPaths', null);
    expect(asked()).toBe(2);
    query.mockRestore();
  }, 60_000);

  it('have to be allowed to', async () => {
    const stream = kit.watch('subscription { branchStatusChanged(chatSessionId: "nosuchsession") { sync } }');
    await expect(stream.next()).rejects.toThrow('This chat does not exist, or is not yours.');
  });

  it('are told after a lost connection what they missed', async () => {
    const session = await begin();
    const watcher = watch(session.id);
    await until(async () => (await checksOf(session.id)) === 3);
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'kosuke-events' AND datname = current_database()`,
    );
    await db.query('UPDATE branch_statuses SET behind_base = 7, revision = revision + 1 WHERE session_id = $1', [
      session.id,
    ]);
    await watcher.until(({ behindBase }) => behindBase === 7);
    await watcher.end();
  }, 60_000);

  it('are heard by a runner in another process, which watches the files for them', async () => {
    const apart = await createTestDatabase();
    const keys = { KOSUKE_SECRETS_KEYS: randomBytes(32).toString('base64') };
    const runner = await startTestApp({ KOSUKE_ROLE: 'runner', ...keys }, { ...apart, drop: async () => undefined });
    const api = await startTestApp({ KOSUKE_ROLE: 'api', ...keys }, apart);
    const projectId = await newProject(api, { template: 'STATIC_WEB_PAGE' });
    const { id } = await newSession(api, projectId);
    const watcher = watch(id, api);
    const { path } = await watcher.until(({ diskBytes }) => diskBytes !== null);
    await writeFile(join(path, 'by-hand.txt'), '');
    await watcher.until(({ dirtyFiles }) => dirtyFiles[0]?.path === 'by-hand.txt');
    await watcher.end();
    await runner.close();
    await api.close();
  }, 60_000);
});
