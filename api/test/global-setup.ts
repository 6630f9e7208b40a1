import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { isPostmaster, readPostmasterFile } from '../database/postmaster-file.ts';
import { findProcess } from '../start/process-identity.ts';

/** What the teardown needs; both run in the process that starts the test workers. */
export interface TestDatabase {
  server: EmbeddedPostgres;
  folder: string;
}

declare global {
  var kosukeTestDatabase: TestDatabase | undefined;
}

const PREFIX = 'kosuke-test-db-';

/**
 * One PostgreSQL for all API tests. KOSUKE_TEST_DATABASE_URL leads to its maintenance database: a test that wants tables
 * makes a database of its own there.
 */
export default async function globalSetup(): Promise<void> {
  if (process.getuid?.() === 0) {
    throw new Error('The API tests do not run as root. Run `npm test`, which changes to an account of its own.');
  }
  await removeRemains();
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Speed over safety: nobody needs these rows after the tests.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const server = await startEmbeddedPostgres({ dataDir: folder, settings });
  globalThis.kosukeTestDatabase = { server, folder };
  process.env.KOSUKE_TEST_DATABASE_URL = server.url('postgres');
}

/** Ends the servers and removes the folders of test runs that were killed before they could. */
async function removeRemains(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (await findProcess(owner)) continue;
    const folder = join(tmpdir(), name);
    try {
      const postmaster = await readPostmasterFile(join(folder, 'postgres'));
      if (postmaster && (await isPostmaster(postmaster.pid))) process.kill(postmaster.pid, 'SIGQUIT');
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    } catch (error) {
      // Another account's: that account removes it.
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
