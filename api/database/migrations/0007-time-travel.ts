import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What conversations were taken back to, what they were copied from, and which commit belongs to which message. */
export class TimeTravel0000000000007 implements MigrationInterface {
  readonly name = 'TimeTravel0000000000007';

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE rewinds (
         id SERIAL PRIMARY KEY,
         chat_session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
         operation_id INTEGER NOT NULL UNIQUE,
         kind VARCHAR(20) NOT NULL CHECK (kind IN ('rewind', 'restore')),
         restored_rewind_id INTEGER REFERENCES rewinds(id) ON DELETE SET NULL,
         hidden_before INT4MULTIRANGE NOT NULL,
         last_number INTEGER NOT NULL,
         message_count INTEGER NOT NULL,
         prompt_text TEXT,
         snapshot_sha VARCHAR(40) NOT NULL,
         files JSONB NOT NULL DEFAULT '[]',
         file_count INTEGER NOT NULL,
         skipped_paths JSONB NOT NULL DEFAULT '[]',
         kept_paths JSONB NOT NULL DEFAULT '[]',
         created_by TEXT REFERENCES users(clerk_user_id) ON DELETE SET NULL,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         restored_at TIMESTAMPTZ
       )`,
    );
    await db.query('CREATE INDEX idx_rewinds_newest ON rewinds(chat_session_id, id DESC)');
    await db.query(
      `ALTER TABLE chat_messages
         ADD COLUMN head_sha VARCHAR(40),
         ADD COLUMN rewind_id INTEGER REFERENCES rewinds(id) ON DELETE SET NULL,
         ADD COLUMN operation_id INTEGER UNIQUE,
         ADD COLUMN undoes_message_id INTEGER REFERENCES chat_messages(id) ON DELETE SET NULL`,
    );
    await db.query(
      'CREATE INDEX idx_chat_messages_rewound ON chat_messages(chat_session_id, number) WHERE rewind_id IS NOT NULL',
    );
    await db.query('CREATE INDEX idx_chat_messages_rewind_id ON chat_messages(rewind_id) WHERE rewind_id IS NOT NULL');
    await db.query(
      `CREATE INDEX idx_chat_messages_undoes_message_id ON chat_messages(undoes_message_id)
       WHERE undoes_message_id IS NOT NULL`,
    );
    await db.query('ALTER TABLE chat_sessions ADD COLUMN pending_copy JSONB');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE chat_sessions DROP COLUMN pending_copy');
    await db.query(
      `ALTER TABLE chat_messages DROP COLUMN head_sha, DROP COLUMN rewind_id, DROP COLUMN operation_id,
         DROP COLUMN undoes_message_id`,
    );
    await db.query('DROP TABLE rewinds');
  }
}
