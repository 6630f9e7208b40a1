import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** Told of each error that is nobody's fault but ours, once, with the reference its reader was given. */
export type ReportError = (error: unknown, reference: string) => void;

const BUG = 'INTERNAL_SERVER_ERROR';

/**
 * An error as it may leave the server. Errors of the request and those thrown with a code of their own pass as they are;
 * of all others nothing is shown but a reference to find them in the log.
 * @param formatted what the transport made of it, when that says more than the error itself
 */
export function formatError(
  error: unknown,
  report: ReportError,
  formatted: GraphQLFormattedError | undefined = error instanceof GraphQLError ? error.toJSON() : undefined,
): GraphQLFormattedError {
  if (formatted && error instanceof GraphQLError && isForTheClient(error, formatted)) return withoutStack(formatted);
  const reference = randomUUID();
  report(error instanceof GraphQLError ? (error.originalError ?? error) : error, reference);
  return {
    message: `Something went wrong. Reference: ${reference}`,
    ...(formatted?.path && { path: formatted.path, locations: formatted.locations }),
    extensions: { code: BUG },
  };
}

function isForTheClient(error: GraphQLError, formatted: GraphQLFormattedError): boolean {
  const code = formatted.extensions?.code;
  if (code !== undefined) return code !== BUG;
  const duringExecution = error.path !== undefined;
  return !duringExecution && (!error.originalError || error.originalError instanceof GraphQLError);
}

function withoutStack(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const { stacktrace: _, http: __, ...extensions } = formatted.extensions ?? {};
  return { ...formatted, extensions };
}
