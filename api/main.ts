import 'reflect-metadata';
import { startApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { DatabaseUnreachable } from './database/database-error.ts';
import { EmbeddedPostgresError } from './database/embedded-postgres-error.ts';
import { ListenError } from './http/listen-error.ts';
import { SecretsKeyError } from './secrets/secrets-key-error.ts';
import { AlreadyRunningError, acquireInstanceLock } from './start/instance-lock.ts';

/** After so long the program ends even when something does not. */
const STOP_DEADLINE_MS = 15_000;

/** What the person who starts the program can put right is said in one sentence, without a stack. */
const EXPECTED = [
  ConfigError,
  DatabaseUnreachable,
  EmbeddedPostgresError,
  ListenError,
  AlreadyRunningError,
  SecretsKeyError,
];

async function main(): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2));
  if (process.getuid?.() === 0) {
    throw new ConfigError(['Kosuke does not run as root. Use `npm start`, which changes to an account of its own.']);
  }
  const lock = await lockDataFolder(config);
  const aborted = new AbortController();
  let stop = async () => {};
  const end = once(async (signal: NodeJS.Signals) => {
    say(`${signal === 'SIGINT' ? 'Ctrl-C' : signal}: finishing what runs, then stopping`);
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    aborted.abort(signal);
    await stop();
    await lock.release();
    say('Stopped. Nothing is lost; `npm start` goes on where this ended.');
    process.exit(0);
  });
  process.on('SIGINT', end);
  process.on('SIGTERM', end);

  try {
    const app = await startApp(config, { onStep: say, signal: aborted.signal });
    stop = app.stop;
    await lock.update({ url: app.url });
    if (config.role === 'runner') say('Ready. This process runs agents; open the api process in a browser.');
    else say(`Ready. Open this link to sign in, once, within an hour:\n\n  ${await app.createSignInLink()}\n`);
  } catch (error) {
    await lock.release();
    if (aborted.signal.aborted) return;
    throw error;
  }
}

async function lockDataFolder(config: Config) {
  try {
    return await acquireInstanceLock(config.dataDir, { url: `http://${config.host}:${config.port}` });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    throw new ConfigError([
      `Kosuke may not write to its data folder ${config.dataDir}. Give it to this account, or set KOSUKE_DATA_DIR to another one.`,
    ]);
  }
}

function once<T>(act: (argument: T) => Promise<void>): (argument: T) => void {
  let isDone = false;
  return (argument) => {
    if (isDone) return;
    isDone = true;
    void act(argument);
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  const expected = EXPECTED.some((type) => error instanceof type);
  process.stderr.write(`\nKosuke could not start.\n${expected ? (error as Error).message : (error as Error).stack}\n`);
  process.exit(1);
});
