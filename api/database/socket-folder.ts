import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** A unix socket's address holds 107 bytes on Linux and 103 on macOS; PostgreSQL adds its file's name to the folder. */
const LONGEST_FOLDER = 103 - '/.s.PGSQL.5432'.length;

/**
 * The folder for the socket of a PostgreSQL folder: that folder itself, or where its path is too long a short one in
 * the temporary folder, always the same for the same data. Only this account may enter it: whoever reaches the socket is
 * let in.
 */
export async function socketFolder(postgresDir: string): Promise<string> {
  if (Buffer.byteLength(postgresDir) <= LONGEST_FOLDER) return postgresDir;

  const uid = process.getuid?.() ?? 0;
  const name = `kosuke-${uid}-${createHash('sha256').update(postgresDir).digest('hex').slice(0, 16)}`;
  const parent = Buffer.byteLength(join(tmpdir(), name)) <= LONGEST_FOLDER ? tmpdir() : '/tmp';
  const folder = join(parent, name);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });

  // Anyone may make names in a temporary folder: one that is not ours alone could be a trap.
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new EmbeddedPostgresError(
      'start_failed',
      `${folder} is needed for the database's socket, but it is not a folder of this account alone. Remove it and start again.`,
    );
  }
  return folder;
}
