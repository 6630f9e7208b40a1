import type { MigrationInterface, QueryRunner } from 'typeorm';
import { moveConversations } from './0002-move-conversations.ts';

/** Many sessions a project, each with its branch; runs, the event log, logins. Conversations of the old schema move along. */
export class ChatSessions0000000000002 implements MigrationInterface {
  readonly name = 'ChatSessions0000000000002';

  async up(db: QueryRunner): Promise<void> {
    // Old times have no zone and were written as UTC; a conversion reads them in the zone of the session.
    await db.query(`SET LOCAL TIME ZONE 'UTC'`);
    await db.query('SET LOCAL statement_timeout = 0');
    for (const statement of [...OLD_TABLES, ...SESSIONS, ...RUNS, ...LOGINS]) await db.query(statement);
    await moveConversations(db);
    for (const statement of MESSAGES_AFTER_THE_MOVE) await db.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('The old schema holds one conversation a project; to go back, restore a backup made before.');
  }
}

const OLD_TABLES = [
  `DO $$
   DECLARE old record;
   BEGIN
     FOR old IN
       SELECT conrelid::regclass AS place, conname FROM pg_constraint
       WHERE contype = 'f' AND conrelid IN ('projects'::regclass, 'chat_messages'::regclass)
     LOOP
       EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', old.place, old.conname);
     END LOOP;
   END $$`,

  `ALTER TABLE users
     ADD COLUMN role VARCHAR(20) NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'member')),
     ALTER COLUMN created_at TYPE TIMESTAMPTZ, ALTER COLUMN created_at SET DEFAULT now(),
     ALTER COLUMN updated_at TYPE TIMESTAMPTZ, ALTER COLUMN updated_at SET DEFAULT now()`,
  `UPDATE users SET created_at = coalesce(created_at, updated_at, now()), updated_at = coalesce(updated_at, created_at, now())
   WHERE created_at IS NULL OR updated_at IS NULL`,
  `ALTER TABLE users ALTER COLUMN created_at SET NOT NULL, ALTER COLUMN updated_at SET NOT NULL`,

  `ALTER TABLE chat_messages ALTER COLUMN timestamp TYPE TIMESTAMPTZ, ALTER COLUMN timestamp SET DEFAULT now()`,

  `ALTER TABLE projects
     ALTER COLUMN user_id DROP NOT NULL,
     ALTER COLUMN created_at TYPE TIMESTAMPTZ, ALTER COLUMN created_at SET DEFAULT now(),
     ALTER COLUMN updated_at TYPE TIMESTAMPTZ, ALTER COLUMN updated_at SET DEFAULT now(),
     ADD COLUMN default_branch VARCHAR(100) NOT NULL DEFAULT 'main',
     ADD COLUMN source_kind VARCHAR(20) NOT NULL DEFAULT 'template' CHECK (source_kind IN ('path', 'url', 'template')),
     ADD COLUMN source TEXT,
     ADD COLUMN status VARCHAR(20) NOT NULL DEFAULT 'ready' CHECK (status IN ('preparing', 'ready', 'failed')),
     ADD COLUMN status_message TEXT,
     ADD COLUMN progress REAL,
     ADD COLUMN runner_id TEXT,
     ADD COLUMN deleted_at TIMESTAMPTZ`,
  `UPDATE projects p SET
     user_id = (SELECT clerk_user_id FROM users u WHERE u.clerk_user_id = p.user_id),
     source_kind = CASE WHEN github_repo_url <> '' THEN 'url' ELSE 'template' END,
     source = coalesce(nullif(github_repo_url, ''), 'EMPTY'),
     status = 'preparing',
     created_at = coalesce(
       created_at, (SELECT min(timestamp) FROM chat_messages m WHERE m.project_id = p.id), updated_at, now()),
     updated_at = coalesce(updated_at, created_at, now())`,
  `ALTER TABLE projects
     ALTER COLUMN created_at SET NOT NULL,
     ALTER COLUMN updated_at SET NOT NULL,
     ADD CONSTRAINT projects_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(clerk_user_id) ON DELETE SET NULL`,
  `CREATE INDEX idx_projects_default_branch ON projects(default_branch)`,
  `CREATE INDEX idx_projects_user_id ON projects(user_id)`,
];

const SESSIONS = [
  `CREATE TABLE chat_sessions (
     id SERIAL PRIMARY KEY,
     project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
     user_id TEXT REFERENCES users(clerk_user_id) ON DELETE SET NULL,
     title VARCHAR(100) NOT NULL,
     description TEXT,
     session_id VARCHAR(50) NOT NULL UNIQUE,
     github_branch_name VARCHAR(100) NOT NULL UNIQUE,
     base_branch VARCHAR(255) NOT NULL,
     status VARCHAR(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'completed')),
     is_default BOOLEAN NOT NULL DEFAULT FALSE,
     agent_id VARCHAR(50) NOT NULL DEFAULT 'builtin',
     message_count INTEGER NOT NULL DEFAULT 0,
     last_message_number INTEGER NOT NULL DEFAULT 0,
     last_seq BIGINT NOT NULL DEFAULT 0,
     workspace_status VARCHAR(20) NOT NULL DEFAULT 'preparing'
       CHECK (workspace_status IN ('preparing', 'ready', 'failed', 'cleaned')),
     workspace_message TEXT,
     head_sha VARCHAR(40),
     runner_id TEXT,
     client_mutation_id VARCHAR(100),
     created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     last_activity_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     deleted_at TIMESTAMPTZ
   )`,
  `CREATE INDEX idx_chat_sessions_project_id ON chat_sessions(project_id)`,
  `CREATE INDEX idx_chat_sessions_user_id ON chat_sessions(user_id)`,
  `CREATE INDEX idx_chat_sessions_session_id ON chat_sessions(session_id)`,
  `CREATE INDEX idx_chat_sessions_status ON chat_sessions(status)`,
  `CREATE INDEX idx_chat_sessions_sidebar ON chat_sessions(project_id, status, last_activity_at DESC, id DESC)`,
  `CREATE UNIQUE INDEX idx_chat_sessions_one_default ON chat_sessions(project_id) WHERE is_default`,
  `CREATE UNIQUE INDEX idx_chat_sessions_client_mutation ON chat_sessions(user_id, client_mutation_id)
     WHERE client_mutation_id IS NOT NULL`,

  `ALTER TABLE chat_messages
     ADD COLUMN chat_session_id INTEGER REFERENCES chat_sessions(id) ON DELETE CASCADE,
     ADD COLUMN number INTEGER,
     ADD COLUMN status VARCHAR(20) NOT NULL DEFAULT 'complete' CHECK (status IN ('queued', 'streaming', 'complete')),
     ADD COLUMN run_id INTEGER,
     ADD COLUMN client_mutation_id VARCHAR(100)`,
  `CREATE TABLE message_parts (
     message_id INTEGER NOT NULL REFERENCES chat_messages(id) ON DELETE CASCADE,
     position INTEGER NOT NULL,
     kind VARCHAR(20) NOT NULL,
     text TEXT NOT NULL DEFAULT '',
     data JSONB NOT NULL DEFAULT '{}',
     PRIMARY KEY (message_id, position)
   )`,
  `CREATE TABLE session_events (
     session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
     seq BIGINT NOT NULL,
     type VARCHAR(30) NOT NULL,
     payload JSONB NOT NULL,
     created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     PRIMARY KEY (session_id, seq)
   )`,
  `CREATE TABLE session_reads (
     session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
     user_id TEXT NOT NULL REFERENCES users(clerk_user_id) ON DELETE CASCADE,
     last_read_number INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (session_id, user_id)
   )`,
  `CREATE TABLE selected_sessions (
     user_id TEXT NOT NULL REFERENCES users(clerk_user_id) ON DELETE CASCADE,
     project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
     session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
     PRIMARY KEY (user_id, project_id)
   )`,
];

const RUNS = [
  `CREATE TABLE runs (
     id SERIAL PRIMARY KEY,
     chat_session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
     prompt_message_id INTEGER REFERENCES chat_messages(id) ON DELETE SET NULL,
     reply_message_id INTEGER REFERENCES chat_messages(id) ON DELETE SET NULL,
     status VARCHAR(30) NOT NULL CHECK (status IN
       ('queued', 'running', 'waiting_for_permission', 'succeeded', 'failed', 'cancelled', 'interrupted')),
     agent_id VARCHAR(50) NOT NULL,
     prompt TEXT NOT NULL DEFAULT '',
     error_code VARCHAR(50),
     error_message TEXT,
     runner_id TEXT,
     stop_requested_at TIMESTAMPTZ,
     created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     started_at TIMESTAMPTZ,
     finished_at TIMESTAMPTZ
   )`,
  `CREATE INDEX idx_runs_newest ON runs(chat_session_id, id DESC)`,
  `CREATE UNIQUE INDEX idx_runs_one_at_a_time ON runs(chat_session_id)
     WHERE status IN ('running', 'waiting_for_permission')`,
  `CREATE INDEX idx_runs_prompt_message_id ON runs(prompt_message_id)`,
  `CREATE INDEX idx_runs_reply_message_id ON runs(reply_message_id)`,
  `CREATE TABLE runners (
     id TEXT PRIMARY KEY,
     heartbeat_at TIMESTAMPTZ NOT NULL,
     started_at TIMESTAMPTZ NOT NULL,
     pid INTEGER
   )`,
  `CREATE TABLE branches (
     project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
     name VARCHAR(255) NOT NULL,
     commit_sha VARCHAR(40) NOT NULL,
     PRIMARY KEY (project_id, name)
   )`,
];

const LOGINS = [
  `CREATE TABLE logins (
     id SERIAL PRIMARY KEY,
     user_id TEXT NOT NULL REFERENCES users(clerk_user_id) ON DELETE CASCADE,
     token_hash CHAR(64) NOT NULL UNIQUE,
     created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     last_used_at TIMESTAMPTZ NOT NULL DEFAULT now(),
     expires_at TIMESTAMPTZ NOT NULL
   )`,
  `CREATE TABLE sign_in_links (
     token_hash CHAR(64) PRIMARY KEY,
     user_id TEXT NOT NULL REFERENCES users(clerk_user_id) ON DELETE CASCADE,
     expires_at TIMESTAMPTZ NOT NULL,
     used_at TIMESTAMPTZ
   )`,
];

const MESSAGES_AFTER_THE_MOVE = [
  `UPDATE chat_messages m SET user_id = NULL
   WHERE user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.clerk_user_id = m.user_id)`,
  `UPDATE chat_messages SET role = CASE lower(role) WHEN 'user' THEN 'user' ELSE 'assistant' END
   WHERE role NOT IN ('user', 'assistant')`,
  `ALTER TABLE chat_messages
     ALTER COLUMN timestamp SET NOT NULL,
     ALTER COLUMN chat_session_id SET NOT NULL,
     ADD CONSTRAINT chat_messages_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(id) ON DELETE CASCADE,
     ADD CONSTRAINT chat_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(clerk_user_id) ON DELETE SET NULL,
     ADD CONSTRAINT chat_messages_number_key UNIQUE (chat_session_id, number)`,
  `CREATE INDEX idx_chat_messages_session_id ON chat_messages(chat_session_id)`,
  `CREATE INDEX idx_chat_messages_user_id ON chat_messages(user_id)`,
  `CREATE INDEX idx_chat_messages_project_id ON chat_messages(project_id)`,
  `CREATE UNIQUE INDEX idx_chat_messages_client_mutation ON chat_messages(chat_session_id, client_mutation_id)
     WHERE client_mutation_id IS NOT NULL`,
];
