import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { CloseCode, type Context, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer as speakProtocol } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Authentication, BadToken, type Identity } from '../auth/authentication.ts';
import { loginSecretIn } from '../auth/login-cookie.ts';
import { formatError, type ReportError } from '../graphql/error-format.ts';
import { exceededLimits, LIMITS } from '../graphql/query-limits.ts';
import { subscribeAfresh } from './event-stream.ts';
import type { OriginRule } from './origin.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_OPERATIONS = 100;
const PING_MS = 12_000;
/** How long a socket can go on after its login was ended elsewhere. */
const RECHECK_MS = 60_000;

interface SocketParts<C extends object> {
  readonly schema: GraphQLSchema;
  readonly authentication: Authentication;
  readonly origins: OriginRule;
  readonly report: ReportError;
  makeContext(identity: Identity): C;
}

type SocketContext = Context<Record<string, unknown>, Extra & { identity?: Identity }>;

/** Operations over graphql-ws, at the same address as those over http. */
export class GraphqlSockets<C extends object> {
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  private readonly logins = new Map<WebSocket, number>();
  private readonly protocol: { dispose(): void | Promise<void> };
  private isClosing = false;

  constructor(
    server: Server,
    private readonly parts: SocketParts<C>,
  ) {
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.protocol = speakProtocol<Record<string, unknown>, { identity: Identity }>(
      {
        isProd: true,
        onConnect: (context) => this.connect(context),
        onSubscribe: (context, _, payload) => this.prepare(context, payload),
        subscribe: (args) => subscribeAfresh(args, args.contextValue as () => C),
        onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
          errors && { ...result, errors: errors.map((error) => formatError(error, parts.report)) },
        onError: (_context, _id, _payload, errors) => errors.map((error) => formatError(error, parts.report)),
      },
      this.sockets,
      PING_MS,
    );
    this.sockets.on('connection', (socket) => {
      // graphql-ws writes to the console what a peer does wrong; ws closes the socket with the right code by itself.
      socket.removeAllListeners('error').on('error', () => {});
    });
  }

  /** Ends the sockets that came with this login. */
  endLogin(loginId: number): void {
    for (const [socket, id] of this.logins) if (id === loginId) socket.close(CloseCode.Forbidden, 'Signed out');
  }

  /** Tells every client to go (1001), which then connects elsewhere; after the deadline cuts off those that stay. */
  async close(deadlineMs: number): Promise<void> {
    this.isClosing = true;
    const cut = setTimeout(() => {
      for (const socket of this.sockets.clients) socket.terminate();
    }, deadlineMs);
    await this.protocol.dispose();
    clearTimeout(cut);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refuse = (status: string) =>
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    if (this.isClosing) refuse('503 Service Unavailable');
    else if (request.url?.split('?', 1)[0] !== '/graphql') refuse('404 Not Found');
    else if (this.parts.origins.problemOf(request.headers)) refuse('403 Forbidden');
    else this.sockets.handleUpgrade(request, socket, head, (open) => this.sockets.emit('connection', open, request));
  }

  /** False closes the socket as forbidden (4403), which clients do not try again. */
  private async connect({ connectionParams, extra }: SocketContext): Promise<boolean> {
    const { headers } = extra.request;
    const param = connectionParams?.authorization ?? connectionParams?.Authorization;
    try {
      const identity = await this.parts.authentication.identify({
        authorization: typeof param === 'string' ? param : headers.authorization,
        loginSecret: loginSecretIn(headers.cookie),
      });
      if (!identity.viewer) return false;
      extra.identity = identity;
      this.followLogin(extra.socket, identity);
      return true;
    } catch (error) {
      if (error instanceof BadToken) return false;
      this.parts.report(error, 'socket');
      extra.socket.close(CloseCode.InternalServerError, 'Internal server error');
      return false;
    }
  }

  private followLogin(socket: WebSocket, identity: Identity): void {
    if (identity.loginId === null) return;
    this.logins.set(socket, identity.loginId);
    const recheck = setInterval(async () => {
      try {
        if (!(await this.parts.authentication.stillHolds(identity))) socket.close(CloseCode.Forbidden, 'Signed out');
      } catch (error) {
        this.parts.report(error, 'socket');
      }
    }, RECHECK_MS).unref();
    socket.once('close', () => {
      clearInterval(recheck);
      this.logins.delete(socket);
    });
  }

  /** The operation, ready to be carried out, or why it is not: the same rules that Apollo applies to http. */
  private prepare(context: SocketContext, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    const { schema } = this.parts;
    const { identity } = context.extra;
    if (!identity) return [refusal('UNAUTHENTICATED', 'Sign in first.')];
    if (Object.keys(context.subscriptions).length > MAX_OPERATIONS) {
      return [refusal('TOO_MANY_OPERATIONS', `One socket carries at most ${MAX_OPERATIONS} operations at a time.`)];
    }
    let document: DocumentNode;
    try {
      document = parse(payload.query, { maxTokens: LIMITS.tokens });
    } catch (error) {
      return [refusal('GRAPHQL_PARSE_FAILED', (error as Error).message)];
    }
    const invalid = validate(schema, document);
    if (invalid.length > 0) return invalid.map((error) => coded('GRAPHQL_VALIDATION_FAILED', error));
    const operation = getOperationAST(document, payload.operationName);
    if (!operation)
      return [refusal('OPERATION_RESOLUTION_FAILURE', 'operationName names no operation of this document.')];
    const variables = payload.variables;
    const exceeded = exceededLimits({ schema, document, operation, variables });
    if (exceeded.length > 0) return exceeded;
    const makeContext = () => this.parts.makeContext(identity);
    return {
      schema,
      document,
      operationName: payload.operationName,
      variableValues: variables,
      contextValue: operation.operation === 'subscription' ? makeContext : makeContext(),
    };
  }
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function coded(code: string, error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { nodes: error.nodes, extensions: { code } });
}
