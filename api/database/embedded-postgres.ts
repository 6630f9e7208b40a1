import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { checkAccount, initialise, makeWritable, notWritable, OWNER, serverEnvironment } from './postgres-files.ts';
import { isPostmaster, readPostmasterFile } from './postmaster-file.ts';
import { socketFolder } from './socket-folder.ts';

export interface EmbeddedPostgresOptions {
  /** Kosuke's data folder; the database lives in its folder `postgres`. */
  dataDir: string;
  /** Told what is being done, in words for a person. */
  onStep?: (step: string) => void;
  /** Ends the start; a server that was on its way is stopped. */
  signal?: AbortSignal;
  /** Server settings on top of ours, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** The connection string of a database on it, `kosuke` when none is named. */
  url(database?: string): string;
  socketDir: string;
  /** Stops the server, also an adopted one, and resolves when it is down. */
  stop(): Promise<void>;
  /** Whether the server was running already, left behind by a program that was killed. */
  adopted: boolean;
}

const DATABASE = 'kosuke';
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;
const POLL_MS = 25;
const LARGEST_LOG_BYTES = 10 * 1024 * 1024;

const SETTINGS: Record<string, string> = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  // Parallel queries need /dev/shm, of which a container has little, and gain nothing at this size.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts the PostgreSQL that npm installed, on a unix socket only, and makes the database `kosuke` when it is missing.
 * A server that is running on the folder already is adopted. Throws EmbeddedPostgresError, with a message for a person.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, onStep = () => {}, settings = {} } = options;
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const binaries = findPostgresBinaries();
  checkAccount();
  await makeWritable(dataDir);
  const postgresDir = join(await realpath(dataDir), 'postgres');

  try {
    await initialise(binaries, postgresDir, onStep, signal);
    const socketDir = await findRunning(postgresDir, signal);
    const server = socketDir
      ? { socketDir, adopted: true }
      : { socketDir: await launch(binaries, postgresDir, settings, onStep, signal), adopted: false };
    if (server.adopted) onStep('Database server is still running from before: using it');
    await createDatabase(server.socketDir);
    return {
      ...server,
      url: (database = DATABASE) => urlOf(server.socketDir, database),
      stop: () => stop(postgresDir),
    };
  } catch (error) {
    if (!signal.aborted) throw error;
    await stop(postgresDir);
    options.signal?.throwIfAborted();
    const seconds = START_DEADLINE_MS / 1000;
    throw startFailed(`The database server did not start within ${seconds} s.`, await logTail(postgresDir));
  }
}

/** The socket folder of a server that is running on these files, waited for until it answers; undefined when none is. */
async function findRunning(postgresDir: string, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const postmaster = await readPostmasterFile(postgresDir);
    if (!postmaster) return undefined;
    if (!(await isPostmaster(postmaster.pid))) {
      // Left by a crash. PostgreSQL itself would refuse for as long as any process has that number, so it goes.
      await rm(join(postgresDir, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (postmaster.socketDir && (await answersFor(postmaster.socketDir, postgresDir))) return postmaster.socketDir;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Starts the server and resolves with its socket folder once it answers. */
async function launch(
  binaries: PostgresBinaries,
  postgresDir: string,
  settings: Record<string, string>,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<string> {
  onStep('Starting the database server');
  const socketDir = await socketFolder(postgresDir);
  const all = { ...SETTINGS, ...settings, unix_socket_directories: quoteListItem(socketDir) };
  const args = ['-D', postgresDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];

  for (;;) {
    const log = await openLog(postgresDir);
    const from = (await log.stat()).size;
    // In a session of its own: Ctrl-C in the terminal must not take the database away before the program has ended.
    const child = spawn(binaries.postgres, args, {
      env: serverEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    const ended = once(child, 'exit').then(([status, by]) => (by ? `signal ${by}` : `status ${status}`));
    child.unref();
    await log.close();

    try {
      const status = await untilUpOrEnded(ended, () => answersFor(socketDir, postgresDir), signal);
      if (status === 'up') return socketDir;
      const said = await logTail(postgresDir, from);
      // The remains of a killed server go within moments; until then PostgreSQL will not touch its files.
      if (!/lock file "[^"]*" already exists|shared memory block .* is still in use/.test(said)) {
        throw startFailed(`The database server ended at once (${status}).`, said);
      }
      await delay(10 * POLL_MS, undefined, { signal });
    } catch (error) {
      // It may not have written its postmaster.pid yet, so it is ended by its process.
      child.kill('SIGINT');
      await ended;
      throw error;
    }
  }
}

async function untilUpOrEnded(ended: Promise<string>, isUp: () => Promise<boolean>, signal: AbortSignal) {
  for (;;) {
    if (await isUp()) return 'up';
    const status = await Promise.race([ended, delay(POLL_MS, undefined, { signal })]);
    if (status !== undefined) return status;
  }
}

/** Whether a server on this socket is up and is the one of this folder. */
async function answersFor(socketDir: string, postgresDir: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(socketDir, 'postgres'), connectionTimeoutMillis: 5_000 });
  // Without a listener a server that goes down while it is asked would end this program.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ dir: string }>("select current_setting('data_directory') as dir");
    return rows[0]?.dir === postgresDir;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function createDatabase(socketDir: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(socketDir, 'postgres'), connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end().catch(() => {});
  }
}

async function stop(postgresDir: string): Promise<void> {
  const postmaster = await readPostmasterFile(postgresDir);
  if (!postmaster || !(await isPostmaster(postmaster.pid))) return;
  // SIGINT ends open connections and writes everything out; SIGQUIT leaves that to the next start.
  process.kill(postmaster.pid, 'SIGINT');
  const patience = Date.now() + STOP_DEADLINE_MS;
  let isForced = false;
  while (await isPostmaster(postmaster.pid)) {
    if (!isForced && Date.now() > patience) {
      process.kill(postmaster.pid, 'SIGQUIT');
      isForced = true;
    }
    await delay(POLL_MS);
  }
}

function urlOf(socketDir: string, database: string): string {
  return `postgres://${OWNER}@/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDir)}&port=${SETTINGS.port}`;
}

/** `unix_socket_directories` is a list: commas and spaces in a name must be quoted. */
function quoteListItem(item: string): string {
  return `"${item.replaceAll('"', '""')}"`;
}

async function openLog(postgresDir: string) {
  const path = join(postgresDir, 'server.log');
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LARGEST_LOG_BYTES) await rename(path, `${path}.old`);
  return open(path, 'a', 0o600).catch((cause: unknown) => {
    throw notWritable(postgresDir, cause);
  });
}

async function logTail(postgresDir: string, from = 0): Promise<string> {
  const text = await readFile(join(postgresDir, 'server.log')).catch(() => Buffer.alloc(0));
  return text.subarray(from).toString('utf8').trim().split('\n').slice(-8).join('\n');
}

function startFailed(what: string, log: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError('start_failed', log ? `${what} It said:\n${log}` : what);
}
