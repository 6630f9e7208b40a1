import 'reflect-metadata';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createEmptyDatabase, type TestDatabase } from '../test/test-database.ts';
import { createDataSource, openDatabase } from './data-source.ts';
import { migrate } from './migrate.ts';
import { SingleChat0000000000001 } from './migrations/0001-single-chat.ts';
import { moveConversations } from './migrations/0002-move-conversations.ts';
import { migrations } from './migrations.ts';

/** Databases are made and upgraded within, beside everything else a machine does. */
const SLOW_MS = 60_000;

let database: TestDatabase;
let db: DataSource;

async function emptyDatabase(): Promise<void> {
  database = await createEmptyDatabase();
  db = await openDatabase({ url: database.url });
}

async function dropDatabase(): Promise<void> {
  if (db?.isInitialized) await db.destroy();
  await database.drop();
}

function rows<T = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<T[]> {
  return db.query(sql, parameters);
}

const OLD_DATA = `
  INSERT INTO users (clerk_user_id, email, name) VALUES
    ('ada', 'ada@example.com', 'Ada'), ('bob', 'bob@example.com', 'Bob');
  INSERT INTO projects (id, name, user_id, github_repo_url, created_at, updated_at) VALUES
    (1, 'Shop', 'ada', 'https://github.com/ada/shop', '2025-01-02 03:04:05', '2025-02-02 00:00:00'),
    (2, 'Blog', 'ada', NULL, '2025-03-03 10:00:00', '2025-03-03 10:00:00'),
    (3, 'Twin', 'bob', 'https://github.com/bob/twin', '2025-03-03 10:00:00', NULL),
    (4, 'Undated', 'bob', '', NULL, NULL);
  INSERT INTO chat_messages (id, project_id, user_id, role, content, timestamp, commit_sha) VALUES
    (1, 1, 'ada', 'user', 'Make the button green', '2025-01-03 00:00:00', NULL),
    (2, 1, NULL, 'assistant', 'It is green.', '2025-01-03 00:00:10', '0123456789012345678901234567890123456789'),
    (4, 1, 'ada', 'user', 'said third', '2025-01-04 00:00:00', NULL),
    (3, 1, 'ada', 'user', 'said last, though its id is smaller', '2025-01-05 00:00:00', NULL),
    (5, 3, 'bob', 'user', 'first of a pair', '2025-03-04 00:00:00', NULL),
    (6, 3, 'gone', 'assistant', 'second of a pair, same time', '2025-03-04 00:00:00', NULL),
    (7, 3, NULL, 'system', 'no time known', NULL, NULL),
    (8, NULL, 'ada', 'user', 'an orphan of ada', '2024-05-05 00:00:00', NULL),
    (9, 99, 'ada', 'user', 'in a project that is gone', '2024-05-04 00:00:00', NULL),
    (10, 99, NULL, 'assistant', 'the answer to it', '2024-05-04 00:00:01', NULL),
    (11, NULL, NULL, 'user', 'nobody said this', '2024-06-06 00:00:00', NULL),
    (12, 98, 'gone', 'user', 'by a user who is gone', '2024-06-07 00:00:00', NULL);
  SELECT setval('projects_id_seq', 4), setval('chat_messages_id_seq', 12);
`;

async function oldSchema(): Promise<void> {
  const runner = db.createQueryRunner();
  await new SingleChat0000000000001().up(runner);
  await runner.release();
}

/** Every row of every table the upgrade touches, to tell whether anything changed. */
async function everything(): Promise<unknown[]> {
  const tables = ['users', 'projects', 'chat_sessions', 'chat_messages', 'message_parts', 'migrations'];
  return Promise.all(
    tables.map((table) => rows(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY to_jsonb(t)::text`)),
  );
}

describe('an old database that comes over', () => {
  beforeAll(async () => {
    await emptyDatabase();
    await oldSchema();
    await db.query(OLD_DATA);
    await migrate(db);
  }, SLOW_MS);
  afterAll(dropDatabase);

  it('loses no message and no word', async () => {
    const messages = await rows('SELECT id, content FROM chat_messages ORDER BY id');
    expect(messages).toHaveLength(12);
    const unlike = await rows(`
      SELECT m.id FROM chat_messages m LEFT JOIN message_parts p ON p.message_id = m.id AND p.position = 0 AND p.kind = 'text'
      WHERE p.text IS DISTINCT FROM m.content`);
    expect(unlike).toEqual([]);
    await expect(rows('SELECT count(*)::int AS parts FROM message_parts')).resolves.toEqual([{ parts: 12 }]);
  });

  it('gives each project exactly one default session, with messages or without', async () => {
    const sessions = await rows<{ project_id: number; count: number }>(
      `SELECT p.id AS project_id, count(s.id)::int AS count FROM projects p
       LEFT JOIN chat_sessions s ON s.project_id = p.id AND s.is_default GROUP BY p.id ORDER BY p.id`,
    );
    expect(sessions.length).toBeGreaterThanOrEqual(6);
    expect(sessions.every(({ count }) => count === 1)).toBe(true);
    await expect(rows('SELECT DISTINCT title FROM chat_sessions')).resolves.toEqual([{ title: 'Main conversation' }]);
  });

  it('names each session by chance and its branch after it', async () => {
    const sessions = await rows<{ session_id: string; github_branch_name: string; base_branch: string }>(
      'SELECT session_id, github_branch_name, base_branch FROM chat_sessions',
    );
    for (const session of sessions) {
      expect(session.session_id).toMatch(/^[a-z0-9]{12}$/);
      expect(session.github_branch_name).toBe(`kosuke-chat-${session.session_id}`);
      expect(session.base_branch).toBe('main');
    }
    expect(new Set(sessions.map(({ session_id }) => session_id)).size).toBe(sessions.length);
  });

  it('keeps the true times, read as UTC', async () => {
    const sessions = await rows(
      `SELECT project_id AS project, created_at, last_activity_at FROM chat_sessions WHERE project_id <= 3 ORDER BY project_id`,
    );
    expect(sessions).toEqual([
      { project: 1, created_at: new Date('2025-01-02T03:04:05Z'), last_activity_at: new Date('2025-01-05T00:00:00Z') },
      { project: 2, created_at: new Date('2025-03-03T10:00:00Z'), last_activity_at: new Date('2025-03-03T10:00:00Z') },
      { project: 3, created_at: new Date('2025-03-03T10:00:00Z'), last_activity_at: new Date('2025-03-04T00:00:00Z') },
    ]);
    await expect(rows('SELECT timestamp FROM chat_messages WHERE id = 2')).resolves.toEqual([
      { timestamp: new Date('2025-01-03T00:00:10Z') },
    ]);
  });

  it('numbers the messages of a session in the order they were said and counts them', async () => {
    const said = await rows(
      `SELECT s.project_id AS project, array_agg(m.id ORDER BY m.number) AS ids, array_agg(m.number ORDER BY m.number) AS numbers,
              s.message_count, s.last_message_number
       FROM chat_messages m JOIN chat_sessions s ON s.id = m.chat_session_id WHERE s.project_id <= 4
       GROUP BY s.id ORDER BY s.project_id`,
    );
    expect(said).toEqual([
      { project: 1, ids: [1, 2, 4, 3], numbers: [1, 2, 3, 4], message_count: 4, last_message_number: 4 },
      { project: 3, ids: [5, 6, 7], numbers: [1, 2, 3], message_count: 3, last_message_number: 3 },
    ]);
    await expect(rows('SELECT message_count FROM chat_sessions WHERE project_id IN (2, 4)')).resolves.toEqual([
      { message_count: 0 },
      { message_count: 0 },
    ]);
  });

  it('puts orphans into a recovered project of whoever spoke, in order', async () => {
    const recovered = await rows(
      `SELECT p.user_id AS owner, p.created_at, s.is_default, s.message_count, array_agg(m.id ORDER BY m.number) AS ids
       FROM projects p JOIN chat_sessions s ON s.project_id = p.id JOIN chat_messages m ON m.chat_session_id = s.id AND m.project_id = p.id
       WHERE p.name = 'Recovered conversations' GROUP BY p.id, s.id ORDER BY p.user_id NULLS LAST`,
    );
    expect(recovered).toEqual([
      {
        owner: 'ada',
        created_at: new Date('2024-05-04T00:00:00Z'),
        is_default: true,
        message_count: 3,
        ids: [9, 10, 8],
      },
      { owner: null, created_at: new Date('2024-06-06T00:00:00Z'), is_default: true, message_count: 2, ids: [11, 12] },
    ]);
  });

  it('knows where each repository came from', async () => {
    await expect(
      rows('SELECT source_kind, source, status, default_branch FROM projects WHERE id <= 4 ORDER BY id'),
    ).resolves.toEqual([
      { source_kind: 'url', source: 'https://github.com/ada/shop', status: 'preparing', default_branch: 'main' },
      { source_kind: 'template', source: 'EMPTY', status: 'preparing', default_branch: 'main' },
      { source_kind: 'url', source: 'https://github.com/bob/twin', status: 'preparing', default_branch: 'main' },
      { source_kind: 'template', source: 'EMPTY', status: 'preparing', default_branch: 'main' },
    ]);
  });

  it('keeps the commit of a message, and knows two roles only', async () => {
    await expect(rows('SELECT commit_sha FROM chat_messages WHERE id = 2')).resolves.toEqual([
      { commit_sha: '0123456789012345678901234567890123456789' },
    ]);
    await expect(rows('SELECT DISTINCT role FROM chat_messages ORDER BY role')).resolves.toEqual([
      { role: 'assistant' },
      { role: 'user' },
    ]);
  });

  it('is not changed by a second run, nor by moving the conversations again', async () => {
    const before = await everything();
    await migrate(db);
    await moveConversations(db);
    expect(await everything()).toEqual(before);
  });

  it('lets a user be deleted and keeps what they said', async () => {
    await db.query(`DELETE FROM users WHERE clerk_user_id = 'bob'`);
    await expect(rows('SELECT user_id FROM projects WHERE id = 3')).resolves.toEqual([{ user_id: null }]);
    await expect(rows('SELECT user_id FROM chat_sessions WHERE project_id = 3')).resolves.toEqual([{ user_id: null }]);
    await expect(rows('SELECT count(*)::int AS kept FROM chat_messages WHERE project_id = 3')).resolves.toEqual([
      { kept: 3 },
    ]);
  });
});

describe('the tables', () => {
  beforeAll(async () => {
    await emptyDatabase();
    await migrate(db);
  }, SLOW_MS);
  afterAll(dropDatabase);

  it('are as the entities say, which leave keys, checks and some indexes to the migrations', async () => {
    const { upQueries } = await db.driver.createSchemaBuilder().log();
    const changes = upQueries
      .map(({ query }) => query)
      .filter((query) => !/ DROP CONSTRAINT |^DROP INDEX /.test(query));
    expect(changes).toEqual([]);
  });

  it('have no time without a zone', async () => {
    await expect(
      rows(
        `SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'`,
      ),
    ).resolves.toEqual([]);
  });

  it('serve the sidebar from an index', async () => {
    await db.query(`INSERT INTO projects (name) SELECT 'p' FROM generate_series(1, 10)`);
    await db.query(
      `INSERT INTO chat_sessions (project_id, title, session_id, github_branch_name, base_branch)
       SELECT p.id, 't', 's' || p.id || '-' || n, 'b' || p.id || '-' || n, 'main' FROM projects p, generate_series(1, 2000) n`,
    );
    await db.query('ANALYZE chat_sessions');
    const plan = await rows<Record<string, string>>(
      `EXPLAIN SELECT * FROM chat_sessions WHERE project_id = 7 AND status = 'active'
       ORDER BY last_activity_at DESC, id DESC LIMIT 50`,
    );
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toContain('Index Scan using idx_chat_sessions_sidebar');
    expect(text).not.toContain('Sort');
  });
});

describe('starting', () => {
  beforeEach(emptyDatabase, SLOW_MS);
  afterEach(dropDatabase);

  it(
    'three instances at once brings the tables up once',
    async () => {
      await oldSchema();
      await db.query(OLD_DATA);
      const instances = await Promise.all([1, 2, 3].map(() => createDataSource({ url: database.url }).initialize()));
      try {
        await Promise.all(instances.map((instance) => migrate(instance)));
      } finally {
        await Promise.all(instances.map((instance) => instance.destroy()));
      }
      await expect(rows('SELECT count(*)::int AS count FROM migrations')).resolves.toEqual([
        { count: migrations.length },
      ]);
      await expect(rows('SELECT count(*)::int AS count FROM chat_sessions')).resolves.toEqual([{ count: 6 }]);
    },
    SLOW_MS,
  );

  it(
    'leaves an upgrade that fails undone, with every old row in place',
    async () => {
      await oldSchema();
      await db.query(OLD_DATA);
      await db.query('CREATE TABLE selected_sessions (in_the_way INTEGER)');
      await expect(migrate(db)).rejects.toThrow('selected_sessions');
      await expect(rows('SELECT count(*)::int AS count FROM chat_messages WHERE project_id IS NULL')).resolves.toEqual([
        { count: 2 },
      ]);
      await expect(rows(`SELECT to_regclass('chat_sessions') AS made`)).resolves.toEqual([{ made: null }]);
      await db.query('DROP TABLE selected_sessions');
      await migrate(db);
    },
    SLOW_MS,
  );

  it('without a server says where it looked, and not the password', async () => {
    const closed = 'postgres://kosuke:hush@127.0.0.1:1/kosuke';
    const failure = await openDatabase({ url: closed }).catch((error: Error) => error);
    expect(failure).toMatchObject({
      name: 'DatabaseUnreachable',
      message:
        'Cannot open database "kosuke" at host 127.0.0.1, port 1, as user "kosuke": nothing listens there. Check that PostgreSQL runs, and host and port in DATABASE_URL.',
    });
  });

  it('without the database says that it has to be created', async () => {
    const { host, port, user } = new pg.Client({ connectionString: database.url });
    const at = host.startsWith('/') ? `/missing?host=${host}&port=${port}` : `${host}:${port}/missing`;
    await expect(openDatabase({ url: `postgres://${user}@${at}` })).rejects.toThrow('there is no such database');
  });
});
