import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { POSTGRES_MAJOR, type PostgresBinaries } from './postgres-binaries.ts';

/** The role that owns the database; whoever reaches the socket is it. */
export const OWNER = 'kosuke';

/** PostgreSQL refuses root, and an account that has no name. */
export function checkAccount(): void {
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

/** Makes the data folder when it is missing, for this account alone. */
export async function makeWritable(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritable(dataDir, cause);
  }
}

export function notWritable(folder: string, cause: unknown): EmbeddedPostgresError {
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
export async function initialise(
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
  const args = ['-D', draft, '-U', OWNER, '-E', 'UTF8', '--auth-local=trust', '--auth-host=reject'];
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

/** Only what PostgreSQL needs: secrets of this program have no place in another's environment. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
