import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';

/** True when the server was not reached at all: what was sent may be sent again. */
export function isNetworkError(error: unknown): boolean {
  if (CombinedGraphQLErrors.is(error)) return false;
  if (ServerError.is(error)) return error.statusCode === 502 || error.statusCode === 503 || error.statusCode === 504;
  return !ServerParseError.is(error);
}

export function hasCode(error: unknown, code: string): boolean {
  return CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === code);
}

/** What went wrong and what to do about it, in a sentence or two. */
export function explainError(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) return error.errors.map(({ message }) => message).join(' ');
  if (isNetworkError(error)) return 'The server cannot be reached. Check that Kosuke is running, then try again.';
  return 'The server gave an answer that makes no sense. Try again; if it stays, look into its log.';
}

interface Answer {
  __typename: string;
  message?: string;
  field?: string;
}

export interface UserProblem {
  message: string;
  /** The input it is about, where it is about one. */
  field: string | null;
}

/** What the person can put right, when the answer is that instead of a success. */
export function problemIn(answer: { __typename: string } | null | undefined): UserProblem | null {
  const { __typename, message, field } = (answer ?? {}) as Partial<Answer>;
  if (!__typename || !['InvalidInput', 'NotFound', 'Conflict', 'SourceRefused'].includes(__typename)) return null;
  return { message: message ?? 'This could not be done.', field: field ?? null };
}
