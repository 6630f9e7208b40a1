import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import { type FastifyError, fastify } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Authentication, Identity } from '../auth/authentication.ts';
import type { SignInLinks } from '../auth/sign-in-links.ts';
import { addSignInRoute } from '../auth/sign-in-route.ts';
import type { Config } from '../config.ts';
import type { ReportError } from '../graphql/error-format.ts';
import { CLIENT_FOLDER, serveClient } from './client-files.ts';
import { addGraphqlRoute, errorAnswer } from './graphql-route.ts';
import { GraphqlSockets } from './graphql-sockets.ts';
import { ListenError } from './listen-error.ts';
import { OriginRule } from './origin.ts';
import { setSecurityHeaders } from './security-headers.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_RECEIVE_MS = 30_000;
/** How long a stop waits for requests and sockets to end by themselves. */
const CLOSE_MS = 5_000;

export interface HttpServerParts<C extends object> {
  readonly config: Pick<Config, 'host' | 'port' | 'publicUrl' | 'allowedOrigins'>;
  readonly schema: GraphQLSchema;
  readonly authentication: Authentication;
  readonly signInLinks: SignInLinks;
  readonly logger: Pick<Logger, 'error'>;
  /** Called for each operation over http, and over a socket for each operation and each event of a subscription. */
  makeContext(identity: Identity): C;
  /** The built client; where the build puts it by default. */
  readonly clientFolder?: string;
}

export interface HttpServer {
  /** Answers from now on, /healthz with 503. The address people use: the public one, or the one listened on. @throws ListenError */
  listen(): Promise<string>;
  /** Where it listens, whatever people call it. Empty before that. */
  localUrl(): string;
  /** Makes /healthz answer 200. */
  ready(): void;
  /** Takes nothing new, lets what runs end, cuts it off after 5 seconds. */
  close(): Promise<void>;
}

/** Everything that is reached over the network, on one port. */
export async function createHttpServer<C extends object>(parts: HttpServerParts<C>): Promise<HttpServer> {
  const { config, schema, authentication, signInLinks, logger, makeContext } = parts;
  const report: ReportError = (error, reference) => logger.error({ err: error, reference }, 'A request failed.');
  const origins = new OriginRule(config);
  let isReady = false;
  let closing: Promise<void> | undefined;

  const http = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: MAX_RECEIVE_MS,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
  });
  await http.register(fastifyCookie);
  http.addHook('onRequest', async (request, reply) => setSecurityHeaders(reply, request.url));
  http.addHook('onSend', async (_, reply) => {
    // A connection kept alive would hold up the end.
    if (closing) reply.header('connection', 'close');
  });
  http.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorAnswer(error.code ?? 'BAD_REQUEST', error.message));
    report(error, request.id);
    return reply.code(500).send(errorAnswer('INTERNAL_SERVER_ERROR', `Something went wrong. Reference: ${request.id}`));
  });
  http.get('/healthz', { logLevel: 'silent' }, (_, reply) =>
    reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isReady ? 'ready' : 'not ready' }),
  );

  const shared = { schema, authentication, origins, report, makeContext };
  const sockets = new GraphqlSockets(http.server, shared);
  const apollo = await addGraphqlRoute(http, {
    ...shared,
    publicUrl: config.publicUrl,
    onSignOut: (loginId) => sockets.endLogin(loginId),
  });
  addSignInRoute(http, { authentication, signInLinks, publicUrl: config.publicUrl });
  await serveClient(http, parts.clientFolder ?? CLIENT_FOLDER);

  function localUrl(): string {
    const address = http.server.address() as AddressInfo | null;
    return address ? `http://${reachable(config.host)}:${address.port}` : '';
  }

  async function close(): Promise<void> {
    isReady = false;
    const cut = setTimeout(() => http.server.closeAllConnections(), CLOSE_MS);
    await Promise.all([sockets.close(CLOSE_MS), http.close()]);
    clearTimeout(cut);
    await apollo.stop();
  }

  return {
    async listen() {
      try {
        await http.listen({ host: config.host, port: config.port });
      } catch (error) {
        throw new ListenError((error as NodeJS.ErrnoException).code ?? '', config.host, config.port, error);
      }
      return config.publicUrl ?? localUrl();
    },
    localUrl,
    ready() {
      isReady = true;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** The host to put into an address: one that listens everywhere is no place to go to. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
