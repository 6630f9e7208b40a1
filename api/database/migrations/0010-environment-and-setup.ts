import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a project gives its workspaces: environment variables, files, a setup script; and what came of running it. */
export class EnvironmentAndSetup0000000000010 implements MigrationInterface {
  readonly name = 'EnvironmentAndSetup0000000000010';

  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `CREATE TABLE secret_keys (
         id VARCHAR(16) PRIMARY KEY,
         canary TEXT NOT NULL,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now()
       )`,
    );
    await db.query(
      `CREATE TABLE environment_variables (
         id SERIAL PRIMARY KEY,
         project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
         name VARCHAR(128) NOT NULL,
         sealed_value TEXT NOT NULL,
         value_bytes INTEGER NOT NULL,
         is_secret BOOLEAN NOT NULL,
         scopes TEXT[] NOT NULL,
         updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         UNIQUE (project_id, name)
       )`,
    );
    await db.query(
      `CREATE TABLE project_files (
         id SERIAL PRIMARY KEY,
         project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
         path VARCHAR(500) NOT NULL,
         sealed_content TEXT NOT NULL,
         size INTEGER NOT NULL,
         is_secret BOOLEAN NOT NULL,
         updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         UNIQUE (project_id, path)
       )`,
    );
    await db.query(
      `CREATE TABLE project_setups (
         project_id INTEGER PRIMARY KEY REFERENCES projects(id) ON DELETE CASCADE,
         script TEXT,
         runs_repository_script BOOLEAN NOT NULL DEFAULT false,
         timeout_seconds INTEGER NOT NULL DEFAULT 600,
         copied_files TEXT[] NOT NULL,
         cached_folders TEXT[] NOT NULL,
         updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
       )`,
    );
    await db.query(
      `CREATE TABLE setup_runs (
         id SERIAL PRIMARY KEY,
         chat_session_id INTEGER NOT NULL REFERENCES chat_sessions(id) ON DELETE CASCADE,
         is_first BOOLEAN NOT NULL,
         status VARCHAR(20) NOT NULL DEFAULT 'queued'
           CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'stopped')),
         script_origin VARCHAR(20),
         exit_code INTEGER,
         timed_out BOOLEAN NOT NULL DEFAULT false,
         message TEXT,
         cache_use VARCHAR(20) NOT NULL DEFAULT 'none',
         log_length INTEGER NOT NULL DEFAULT 0,
         log_truncated BOOLEAN NOT NULL DEFAULT false,
         stop_requested_at TIMESTAMPTZ,
         told_at TIMESTAMPTZ,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         started_at TIMESTAMPTZ,
         finished_at TIMESTAMPTZ
       )`,
    );
    await db.query('CREATE INDEX idx_setup_runs_newest ON setup_runs(chat_session_id, id DESC)');
    await db.query(
      `CREATE TABLE setup_log_chunks (
         setup_run_id INTEGER NOT NULL REFERENCES setup_runs(id) ON DELETE CASCADE,
         start INTEGER NOT NULL,
         text TEXT NOT NULL,
         PRIMARY KEY (setup_run_id, start)
       )`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'DROP TABLE setup_log_chunks, setup_runs, project_setups, project_files, environment_variables, secret_keys',
    );
  }
}
