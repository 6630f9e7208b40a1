import { AbstractLogger, DataSource, type DataSourceOptions } from 'typeorm';
import { entities } from '../entities.ts';
import { DatabaseUnreachable } from './database-error.ts';
import { migrations } from './migrations.ts';

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database, or with ?host=/folder for a socket. */
  readonly url: string;
  /** Connections at most; migrations need two. Default 10. */
  readonly poolSize?: number;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  readonly onProblem?: (error: Error) => void;
  /** What TypeORM does and finds is printed, for its migration command. */
  readonly printsProgress?: boolean;
}

/** Failures are thrown to whoever asked; TypeORM would print those of migrations as well. */
class NoLogger extends AbstractLogger {
  protected writeLog(): void {}
}

const SECOND_MS = 1000;

/** Not opened yet; `openDatabase` does both. */
export function createDataSource({
  url,
  poolSize = 10,
  onProblem,
  printsProgress = false,
}: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    applicationName: 'kosuke',
    entities,
    migrations,
    migrationsRun: false,
    migrationsTableName: 'migrations',
    synchronize: false,
    logger: printsProgress ? 'advanced-console' : new NoLogger(),
    poolSize,
    connectTimeoutMS: 10 * SECOND_MS,
    poolErrorHandler: (error: Error) => onProblem?.(error),
    extra: {
      // Read by pg itself: TypeORM's own reading of URLs knows no sockets and no sslmode.
      connectionString: url,
      keepAlive: true,
      statement_timeout: 60 * SECOND_MS,
      idle_in_transaction_session_timeout: 60 * SECOND_MS,
    },
  });
}

/** @throws DatabaseUnreachable */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  try {
    return await createDataSource(options).initialize();
  } catch (error) {
    throw new DatabaseUnreachable(options.url, error);
  }
}

/** The URL it was made with, for what needs a connection of its own. */
export function urlOf(dataSource: DataSource): string {
  return (dataSource.options as Extract<DataSourceOptions, { type: 'postgres' }>).extra.connectionString;
}
