import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of the single-chat Kosuke. A database that has them already comes over as it is. */
export class SingleChat0000000000001 implements MigrationInterface {
  readonly name = 'SingleChat0000000000001';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE IF NOT EXISTS users (
        clerk_user_id TEXT PRIMARY KEY,
        email TEXT,
        name TEXT,
        image_url TEXT,
        created_at TIMESTAMP DEFAULT now(),
        updated_at TIMESTAMP DEFAULT now()
      )`);
    await db.query(`
      CREATE TABLE IF NOT EXISTS projects (
        id SERIAL PRIMARY KEY,
        name TEXT NOT NULL,
        description TEXT,
        user_id TEXT NOT NULL REFERENCES users(clerk_user_id),
        github_repo_url TEXT,
        created_at TIMESTAMP DEFAULT now(),
        updated_at TIMESTAMP DEFAULT now()
      )`);
    await db.query(`
      CREATE TABLE IF NOT EXISTS chat_messages (
        id SERIAL PRIMARY KEY,
        project_id INTEGER,
        user_id TEXT,
        role VARCHAR(20) NOT NULL,
        content TEXT NOT NULL,
        timestamp TIMESTAMP DEFAULT now(),
        commit_sha VARCHAR(40)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE chat_messages, projects, users');
  }
}
