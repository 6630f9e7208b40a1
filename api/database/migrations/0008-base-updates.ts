import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refreshes of projects from their sources, and updates of sessions from their base. */
export class BaseUpdates0000000000008 implements MigrationInterface {
  readonly name = 'BaseUpdates0000000000008';

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE project_refreshes (
         id SERIAL PRIMARY KEY,
         project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
         status VARCHAR(20) NOT NULL DEFAULT 'under_way' CHECK (status IN ('under_way', 'succeeded', 'failed')),
         moved_branches JSONB NOT NULL DEFAULT '[]',
         moved_count INTEGER NOT NULL DEFAULT 0,
         new_default_branch TEXT,
         error_code VARCHAR(50),
         error_message TEXT,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         finished_at TIMESTAMPTZ
       )`,
    );
    await db.query('CREATE INDEX idx_project_refreshes_newest ON project_refreshes(project_id, id DESC)');
    await db.query(
      "CREATE UNIQUE INDEX uq_project_refreshes_under_way ON project_refreshes(project_id) WHERE status = 'under_way'",
    );
    await db.query(
      `CREATE TABLE base_updates (
         id SERIAL PRIMARY KEY,
         chat_session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
         strategy VARCHAR(10) NOT NULL CHECK (strategy IN ('merge', 'rebase')),
         status VARCHAR(20) NOT NULL DEFAULT 'computing'
           CHECK (status IN ('computing', 'conflicted', 'applied', 'up_to_date', 'aborted', 'failed')),
         base_branch VARCHAR(255) NOT NULL,
         base_sha VARCHAR(40),
         tip_before VARCHAR(40),
         result_sha VARCHAR(40),
         conflicted_commit JSONB,
         conflicts JSONB NOT NULL DEFAULT '[]',
         decisions JSONB NOT NULL DEFAULT '{"files": [], "edits": []}',
         placement JSONB,
         agent_request VARCHAR(100),
         error_code VARCHAR(50),
         error_message TEXT,
         requested_by TEXT REFERENCES users(clerk_user_id) ON DELETE SET NULL,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         finished_at TIMESTAMPTZ
       )`,
    );
    await db.query('CREATE INDEX idx_base_updates_newest ON base_updates(chat_session_id, id DESC)');
    await db.query(
      `CREATE UNIQUE INDEX uq_base_updates_unfinished ON base_updates(chat_session_id)
       WHERE status IN ('computing', 'conflicted')`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE base_updates');
    await db.query('DROP TABLE project_refreshes');
  }
}
