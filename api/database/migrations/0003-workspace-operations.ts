import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is done to workspaces besides runs, and where runners answer questions about them. */
export class WorkspaceOperations0000000000003 implements MigrationInterface {
  readonly name = 'WorkspaceOperations0000000000003';

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE workspace_operations (
         id SERIAL PRIMARY KEY,
         chat_session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
         kind VARCHAR(40) NOT NULL,
         input JSONB NOT NULL DEFAULT '{}',
         status VARCHAR(20) NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
         step TEXT,
         progress REAL,
         result JSONB,
         error_code VARCHAR(50),
         error_message TEXT,
         requested_by TEXT REFERENCES users(clerk_user_id) ON DELETE SET NULL,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         finished_at TIMESTAMPTZ
       )`,
    );
    await db.query('CREATE INDEX idx_workspace_operations_newest ON workspace_operations(chat_session_id, id DESC)');
    await db.query(
      `CREATE INDEX idx_workspace_operations_unfinished ON workspace_operations(chat_session_id)
       WHERE status IN ('queued', 'running')`,
    );
    await db.query('ALTER TABLE runners ADD COLUMN address TEXT, ADD COLUMN token TEXT');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE runners DROP COLUMN address, DROP COLUMN token');
    await db.query('DROP TABLE workspace_operations');
  }
}
