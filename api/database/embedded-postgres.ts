import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { findPostgresBinaries, POSTGRES_MAJOR, type PostgresBinaries } from './postgres-binaries.ts';
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

function checkAccount(): void {
  if (process.getuid?.() === 0) {
    throw new EmbeddedPostgresError(
      'runs_as_root',
      'PostgreSQL refuses to run as root. Start with `npm start`, which changes to an account of its own.',
    );
  }
  try {
    userInfo();
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'no_account',
      `PostgreSQL needs an account, but user id ${process.getuid?.()} has no entry in /etc/passwd. ` +
        'Run as a user that has one, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
}

async function makeWritable(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritable(dataDir, cause);
  }
}

function notWritable(folder: string, cause: unknown): EmbeddedPostgresError {
  const { username } = userInfo();
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new EmbeddedPostgresError(
    'not_writable',
    `The data folder ${folder} cannot be written by ${username} (${reason}). ` +
      'Give it to that account, or set KOSUKE_DATA_DIR to another folder.',
    { cause },
  );
}

/** Makes the database's files on the first start; on later ones checks that this PostgreSQL can open them. */
async function initialise(
  binaries: PostgresBinaries,
  postgresDir: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const found = await stat(postgresDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw notWritable(postgresDir, error);
  });
  if (found) return checkMajor(postgresDir);

  onStep('Creating the database');
  // Made beside its place and moved there whole, so a start that was killed half-way leaves nothing that looks finished.
  const draft = `${postgresDir}.new`;
  await rm(draft, { recursive: true, force: true });
  const args = ['-D', draft, '-U', DATABASE, '-E', 'UTF8', '--auth-local=trust', '--auth-host=reject'];
  // Sorting by the server's own rules: those of the system change with its libraries and would break the indexes.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
  const child = spawn(binaries.initdb, args, { env: serverEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], signal });
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece));
  child.stderr.on('data', (piece: Buffer) => (said += piece));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) {
    await rm(draft, { recursive: true, force: true });
    throw new EmbeddedPostgresError('init_failed', `The database could not be created:\n${said.trim()}`);
  }
  await rename(draft, postgresDir);
}

async function checkMajor(postgresDir: string): Promise<void> {
  let major: string;
  try {
    major = (await readFile(join(postgresDir, 'PG_VERSION'), 'utf8')).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritable(postgresDir, cause);
    throw new EmbeddedPostgresError(
      'incomplete_data',
      `${postgresDir} is there but holds no database. Move it away, or set KOSUKE_DATA_DIR to another folder.`,
      { cause },
    );
  }
  if (major === POSTGRES_MAJOR) return;
  throw new EmbeddedPostgresError(
    'other_major',
    `The database in ${postgresDir} was made by PostgreSQL ${major}, but this version of Kosuke brings PostgreSQL ` +
      `${POSTGRES_MAJOR}, which cannot open it. Nothing was changed. Go back to the version of Kosuke that made it and ` +
      'take a dump with pg_dump, then load that into a new data folder (KOSUKE_DATA_DIR), or set DATABASE_URL to a ' +
      `PostgreSQL ${major} that opens this folder.`,
  );
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

/** Only what PostgreSQL needs: secrets of this program have no place in another's environment. */
function serverEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

function urlOf(socketDir: string, database: string): string {
  return `postgres://${DATABASE}@/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDir)}&port=${SETTINGS.port}`;
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
