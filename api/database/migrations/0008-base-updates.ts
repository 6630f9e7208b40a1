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
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE project_refreshes');
  }
}
