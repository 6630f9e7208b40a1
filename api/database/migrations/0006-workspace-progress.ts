import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the workspace of a session is, while it is being made. */
export class WorkspaceProgress0000000000006 implements MigrationInterface {
  readonly name = 'WorkspaceProgress0000000000006';

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE chat_sessions ADD COLUMN IF NOT EXISTS workspace_progress REAL');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE chat_sessions DROP COLUMN workspace_progress');
  }
}
