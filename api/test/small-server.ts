import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import type { DataSource } from 'typeorm';
import WebSocket from 'ws';
import { Authentication, type Identity } from '../auth/authentication.ts';
import { ensureOwner } from '../auth/owner.ts';
import { SignInLinks } from '../auth/sign-in-links.ts';
import { openDatabase } from '../database/data-source.ts';
import { createHttpServer, type HttpServer } from '../http/http-server.ts';
import { createTestDatabase } from './test-database.ts';

export const SMALL_SERVER_TOKEN = 'token-of-the-small-server';

const typeDefs = `
  type Query {
    viewer: String
    things(first: Int = 50, last: Int): ThingConnection!
    thing: Thing!
    bug: String
    refused: String
    slow: String
  }
  type Mutation { signOut: Boolean! }
  type Subscription { context: Int!, waiting: Int! }
  type Thing { name: String!, next: Thing!, parts: [Thing!]!, things(first: Int = 50, last: Int): ThingConnection! }
  type ThingConnection { nodes: [Thing!]!, pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! }
`;

const thing = { name: 'a thing', next: () => thing, parts: () => [thing], things: () => page };
const page = { nodes: [thing], pageInfo: { hasNextPage: false } };

/** The real server with a schema of a few fields, on a port and a database of its own. */
export interface SmallServer {
  /** What the server calls itself: the public URL when there is one. */
  readonly url: string;
  /** Where it listens. */
  readonly address: string;
  readonly http: HttpServer;
  readonly dataSource: DataSource;
  readonly signInLinks: SignInLinks;
  readonly clientFolder: string;
  readonly parts: { schema: GraphQLSchema; authentication: Authentication; signInLinks: SignInLinks };
  /** The field `slow` waits until it is told to answer. */
  readonly slow: { isWaiting(): boolean; answer(): void };
  /** What was logged, each with what went wrong. */
  readonly logged: { err: unknown; reference: string }[];
  /** How many subscriptions of `waiting` are open. */
  readonly waiting: () => number;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  socket(headers?: Record<string, string>, connectionParams?: Record<string, unknown>): Client;
  close(): Promise<void>;
}

export async function startSmallServer(
  config: { publicUrl?: string; allowedOrigins?: string[] } = {},
): Promise<SmallServer> {
  const database = await createTestDatabase();
  const dataSource = await openDatabase({ url: database.url });
  await ensureOwner(dataSource);
  const folder = await mkdtemp(join(tmpdir(), 'kosuke-test-client-'));
  const clientFolder = join(folder, 'client');
  await mkdir(clientFolder);
  const logged: SmallServer['logged'] = [];
  const signInLinks = new SignInLinks(dataSource);
  let contexts = 0;
  let waiting = 0;
  let answerSlow: (() => void) | undefined;

  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: {
        viewer: (_: unknown, __: unknown, { identity }: { identity: Identity }) => identity.viewer?.name ?? null,
        things: () => page,
        thing: () => thing,
        bug: () => {
          throw new Error('password is hush');
        },
        slow: () =>
          new Promise<string>((resolve) => {
            answerSlow = () => resolve('done');
          }),
        refused: () => {
          throw new GraphQLError('Not like this.', { extensions: { code: 'BAD_USER_INPUT' } });
        },
      },
      Mutation: { signOut: (_: unknown, __: unknown, { identity }: { identity: Identity }) => identity.signOut() },
      Subscription: {
        context: {
          async *subscribe() {
            yield {};
            yield {};
          },
          resolve: (_: unknown, __: unknown, context: { number: number }) => context.number,
        },
        waiting: {
          subscribe: () => {
            waiting += 1;
            let end = () => {};
            const ended = new Promise<IteratorResult<unknown>>((resolve) => {
              end = () => resolve({ value: undefined, done: true });
            });
            return {
              [Symbol.asyncIterator]() {
                return this;
              },
              next: () => ended,
              return: () => {
                waiting -= 1;
                end();
                return ended;
              },
            };
          },
        },
      },
    },
  });

  const authentication = new Authentication(dataSource, SMALL_SERVER_TOKEN);
  const http = await createHttpServer({
    config: { host: '127.0.0.1', port: 0, publicUrl: config.publicUrl, allowedOrigins: config.allowedOrigins ?? [] },
    schema,
    authentication,
    signInLinks,
    logger: { error: (entry: unknown) => void logged.push(entry as SmallServer['logged'][number]) },
    makeContext: (identity) => {
      contexts += 1;
      return { identity, number: contexts };
    },
    clientFolder,
  });
  const url = await http.listen();
  const address = http.localUrl();
  const sockets: Client[] = [];
  return {
    url,
    address,
    http,
    dataSource,
    signInLinks,
    clientFolder,
    parts: { schema, authentication, signInLinks },
    slow: { isWaiting: () => answerSlow !== undefined, answer: () => answerSlow?.() },
    logged,
    waiting: () => waiting,
    post: (body, headers = { authorization: `Bearer ${SMALL_SERVER_TOKEN}` }) =>
      fetch(`${address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    socket(headers = {}, connectionParams = { authorization: `Bearer ${SMALL_SERVER_TOKEN}` }) {
      class SocketWithHeaders extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers });
        }
      }
      const client = createClient({
        url: `${address.replace('http', 'ws')}/graphql`,
        webSocketImpl: SocketWithHeaders,
        connectionParams,
        retryAttempts: 0,
      });
      sockets.push(client);
      return client;
    },
    async close() {
      await Promise.all(sockets.map((client) => client.dispose()));
      await http.close();
      await dataSource.destroy();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}
