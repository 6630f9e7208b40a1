import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type StartOptions, startApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

export const OWNER_TOKEN = 'owner-token-of-the-tests';

type Variables = Record<string, unknown>;

/** A running server, asked over its real port as its owner. */
export interface Kit {
  readonly url: string;
  /** Data of an operation. Throws when the answer has errors. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
  ask(document: string, variables?: Variables): Promise<any>;
  /** The bare answer, with its errors. Without headers as the owner. */
  answer(document: string, variables?: Variables, headers?: Record<string, string>): Promise<Answer>;
  /** What a subscription sends, as it comes. Return from the iterator to unsubscribe. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
  watch(document: string, variables?: Variables): AsyncIterableIterator<any>;
  close(): Promise<void>;
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
  data?: any;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export function remoteKit(url: string): Kit {
  const socket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${OWNER_TOKEN}` },
    retryAttempts: 0,
  });
  const kit: Kit = {
    url,
    async answer(query, variables, headers = { authorization: `Bearer ${OWNER_TOKEN}` }) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    async ask(query, variables) {
      const { data, errors } = await kit.answer(query, variables);
      if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
      return data;
    },
    watch(query, variables) {
      const results = socket.iterate({ query, variables });
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        async next() {
          const { value, done } = await results.next();
          if (done) return { value: undefined, done: true };
          if (value.errors) throw new Error(value.errors.map(({ message }) => message).join('\n'));
          return { value: value.data, done: false };
        },
        async return() {
          await results.return?.();
          return { value: undefined, done: true };
        },
      };
    },
    async close() {
      await socket.dispose();
    },
  };
  return kit;
}

/** The whole program on a database and a data folder of its own. */
export interface TestApp extends Kit {
  dataDir: string;
  databaseUrl: string;
  /** Stops the program and starts it again on the same data, after `meanwhile`; the kit before is of no use any more. */
  restart(meanwhile?: () => Promise<void>): Promise<TestApp>;
}

export async function startTestApp(
  env: Record<string, string> = {},
  database: TestDatabase | undefined = undefined,
  options: StartOptions = {},
): Promise<TestApp> {
  database ??= await createTestDatabase();
  return startOn(database, await mkdtemp(join(tmpdir(), 'kosuke-test-data-')), env, options);
}

async function startOn(
  database: TestDatabase,
  dataDir: string,
  env: Record<string, string>,
  options: StartOptions,
): Promise<TestApp> {
  const config = readConfig(
    {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: database.url,
      KOSUKE_DATA_DIR: dataDir,
      KOSUKE_OWNER_TOKEN: OWNER_TOKEN,
      KOSUKE_LOG_LEVEL: 'error',
      ...env,
    },
    [],
  );
  const app = await startApp(config, options);
  const kit = remoteKit(app.url);
  return {
    ...kit,
    dataDir,
    databaseUrl: database.url,
    async restart(meanwhile) {
      const stopped = app.stop();
      await kit.close();
      await stopped;
      await meanwhile?.();
      return startOn(database, dataDir, env, options);
    },
    async close() {
      await kit.close();
      await app.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Does something again and again until the subscription, which may not listen yet, has told of it. */
export async function firstOf<T>(stream: AsyncIterableIterator<T>, act: () => Promise<unknown>): Promise<T> {
  const first = stream.next();
  for (;;) {
    await act();
    const seen = await Promise.race([first, delay(50, undefined)]);
    if (seen) return seen.value;
  }
}
