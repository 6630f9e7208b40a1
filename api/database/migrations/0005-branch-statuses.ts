import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the branch of each session stands, as its runner last found it. */
export class BranchStatuses0000000000005 implements MigrationInterface {
  readonly name = 'BranchStatuses0000000000005';

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE branch_statuses (
         chat_session_id INTEGER PRIMARY KEY REFERENCES chat_sessions(id) ON DELETE CASCADE,
         session_id VARCHAR(50) NOT NULL,
         revision INTEGER NOT NULL DEFAULT 1,
         path TEXT NOT NULL,
         branch VARCHAR(100) NOT NULL,
         current_branch TEXT,
         head_sha VARCHAR(40),
         branch_sha VARCHAR(40),
         base_branch VARCHAR(255) NOT NULL,
         base_sha VARCHAR(40),
         merge_base_sha VARCHAR(40),
         ahead_of_base INTEGER NOT NULL,
         behind_base INTEGER NOT NULL,
         remote_sha VARCHAR(40),
         ahead_of_remote INTEGER NOT NULL DEFAULT 0,
         behind_remote INTEGER NOT NULL DEFAULT 0,
         dirty_files JSONB NOT NULL,
         dirty_file_count INTEGER NOT NULL,
         conflict_paths JSONB NOT NULL,
         conflict_count INTEGER NOT NULL,
         disk_bytes BIGINT,
         process_count INTEGER,
         checked_at TIMESTAMPTZ NOT NULL DEFAULT now()
       )`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE branch_statuses');
  }
}
