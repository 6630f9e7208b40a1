import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When sessions were put away and given back, what is to go for good, and what a runner found at its start. */
export class Lifecycle0000000000009 implements MigrationInterface {
  readonly name = 'Lifecycle0000000000009';

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `ALTER TABLE chat_sessions
         ADD COLUMN archived_at TIMESTAMPTZ,
         ADD COLUMN cleaned_at TIMESTAMPTZ,
         ADD COLUMN restored_at TIMESTAMPTZ,
         ADD COLUMN delete_branch BOOLEAN NOT NULL DEFAULT FALSE,
         ADD COLUMN purging_since TIMESTAMPTZ`,
    );
    await db.query("UPDATE chat_sessions SET archived_at = updated_at WHERE status = 'archived'");
    await db.query(
      'CREATE INDEX idx_chat_sessions_trash ON chat_sessions(runner_id, deleted_at) WHERE deleted_at IS NOT NULL',
    );
    await db.query(
      `ALTER TABLE projects
         ADD COLUMN retention_days INTEGER CHECK (retention_days BETWEEN 0 AND 3650),
         ADD COLUMN purging_since TIMESTAMPTZ,
         ADD COLUMN base_lost_at TIMESTAMPTZ`,
    );
    await db.query('ALTER TABLE runners ADD COLUMN reconciliation JSONB');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE runners DROP COLUMN reconciliation');
    await db.query(
      'ALTER TABLE projects DROP COLUMN retention_days, DROP COLUMN purging_since, DROP COLUMN base_lost_at',
    );
    await db.query('DROP INDEX idx_chat_sessions_trash');
    await db.query(
      `ALTER TABLE chat_sessions DROP COLUMN archived_at, DROP COLUMN cleaned_at, DROP COLUMN restored_at,
         DROP COLUMN delete_branch, DROP COLUMN purging_since`,
    );
  }
}
