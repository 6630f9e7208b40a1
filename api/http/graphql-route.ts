import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { type Authentication, BadToken, type Identity } from '../auth/authentication.ts';
import { LOGIN_COOKIE, loginCookieOptions, loginSecretIn } from '../auth/login-cookie.ts';
import { formatError, type ReportError } from '../graphql/error-format.ts';
import { exceededLimits, LIMITS } from '../graphql/query-limits.ts';
import type { OriginRule } from './origin.ts';

interface GraphqlParts<C extends object> {
  readonly schema: GraphQLSchema;
  readonly authentication: Authentication;
  readonly origins: OriginRule;
  readonly publicUrl: string | undefined;
  readonly report: ReportError;
  /** Called when a login was ended by its own request. */
  readonly onSignOut: (loginId: number) => void;
  makeContext(identity: Identity): C;
}

/** Headers a page of another origin may send. */
const CORS_HEADERS = 'content-type, authorization, apollo-require-preflight, x-apollo-operation-name';

/** POST /graphql. Stop the returned server after the last request. */
export async function addGraphqlRoute<C extends object>(http: FastifyInstance, parts: GraphqlParts<C>) {
  const { schema, authentication, origins, publicUrl, report } = parts;
  const apollo = new ApolloServer<C>({
    schema,
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    formatError: (formatted, error) => formatError(error, report, formatted),
    plugins: [
      limitsPlugin(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  await apollo.start();

  async function contextOf(request: FastifyRequest, reply: FastifyReply): Promise<C> {
    const { authorization, cookie } = request.headers;
    const loginSecret = loginSecretIn(cookie);
    const identity = await identify(authentication, { authorization, loginSecret });
    if (identity.wasRenewed && loginSecret) reply.setCookie(LOGIN_COOKIE, loginSecret, loginCookieOptions(publicUrl));
    return parts.makeContext({
      ...identity,
      signOut: async () => {
        const ended = await identity.signOut();
        reply.clearCookie(LOGIN_COOKIE, { path: '/' });
        if (identity.loginId !== null) parts.onSignOut(identity.loginId);
        return ended;
      },
    });
  }

  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const problem = origins.problemOf(request.headers);
    if (problem) return reply.code(403).send(errorAnswer('FORBIDDEN_ORIGIN', problem));
    allowOrigin(request, reply);
  };
  http.post('/graphql', { onRequest }, fastifyApolloHandler(apollo, { context: contextOf }));
  http.options('/graphql', { onRequest }, (_, reply) => reply.code(204).send());
  http.get('/graphql', (_, reply) =>
    reply
      .code(405)
      .header('allow', 'POST')
      .send(errorAnswer('POST_ONLY', 'Send operations with POST. To try some, open /graphiql.')),
  );
  return apollo;
}

function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('vary', 'Origin');
  const { origin } = request.headers;
  if (!origin) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
  });
  if (request.method !== 'OPTIONS') return;
  reply.headers({
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': CORS_HEADERS,
    'access-control-max-age': '600',
  });
}

async function identify(authentication: Authentication, credentials: Parameters<Authentication['identify']>[0]) {
  try {
    return await authentication.identify(credentials);
  } catch (error) {
    if (!(error instanceof BadToken)) throw error;
    throw new GraphQLError(error.message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
  }
}

/** Validation rules of Apollo do not see variables, which the cost depends on. */
function limitsPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request: { variables } }) => {
        if (!operation) return;
        const [error] = exceededLimits({ schema, document, operation, variables });
        if (!error) return;
        throw new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status: 400 } } });
      },
    }),
  };
}

/** Shaped as GraphQL's own errors, for clients know those. */
export function errorAnswer(code: string, message: string) {
  return { errors: [{ message, extensions: { code } }] };
}
