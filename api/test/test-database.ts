import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { openDatabase } from '../database/data-source.ts';
import { withDatabase } from '../database/database-url.ts';
import { migrate } from '../database/migrate.ts';

export interface TestDatabase {
  readonly url: string;
  /** Ends what is still connected to it. */
  drop(): Promise<void>;
}

/** Held while the template is made: several test files start at once. */
const TEMPLATE_LOCK = 7_267_300_002;

/** A database of its own with all migrations applied, copied from a template in some tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return withMaintenance(async (server) => {
    const template = await ensureTemplate(server);
    return makeDatabase(server, `TEMPLATE ${template}`);
  });
}

/** A database of its own with nothing in it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return withMaintenance((server) => makeDatabase(server, ''));
}

function maintenanceUrl(): string {
  const url = process.env.KOSUKE_TEST_DATABASE_URL;
  if (!url) throw new Error('The global setup of the tests starts PostgreSQL and sets KOSUKE_TEST_DATABASE_URL.');
  return url;
}

async function withMaintenance<T>(work: (server: pg.Client) => Promise<T>): Promise<T> {
  const server = new pg.Client({ connectionString: maintenanceUrl() });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}

async function makeDatabase(server: pg.Client, options: string): Promise<TestDatabase> {
  const name = `kosuke_test_${randomBytes(6).toString('hex')}`;
  await server.query(`CREATE DATABASE ${name} ${options}`);
  return {
    url: withDatabase(maintenanceUrl(), name),
    drop: () =>
      withMaintenance(async (again) => void (await again.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
  };
}

/** Named after what the migrations say, so that a changed one makes a new template. */
async function ensureTemplate(server: pg.Client): Promise<string> {
  const name = `kosuke_template_${await fingerprint()}`;
  await server.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await server.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [name]);
    if (rowCount) return name;
    await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${name}`);
    const dataSource = await openDatabase({ url: withDatabase(maintenanceUrl(), name) });
    try {
      await migrate(dataSource);
    } finally {
      await dataSource.destroy();
    }
    await server.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
    return name;
  } finally {
    await server.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

async function fingerprint(): Promise<string> {
  const folder = new URL('../database/migrations/', import.meta.url);
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).sort()) hash.update(await readFile(new URL(file, folder)));
  return hash.digest('hex').slice(0, 16);
}
