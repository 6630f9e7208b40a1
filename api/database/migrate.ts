import { runMigrations } from 'graphile-worker';
import type { DataSource } from 'typeorm';
import { urlOf } from './data-source.ts';

/** Any number will do, as long as all versions of the program take the same one. */
const MIGRATION_LOCK = 7_267_300_001;

/**
 * Brings the tables of Kosuke and of its job queue up to date. Several instances may start at once: TypeORM takes no
 * lock of its own, so they wait here for each other, and the later ones find nothing to do.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SET statement_timeout = 0');
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
      await runMigrations({ connectionString: urlOf(dataSource) });
    } finally {
      await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      await lock.query('RESET statement_timeout');
    }
  } finally {
    await lock.release();
  }
}
