import { describeDatabase } from './database-url.ts';

/** The database cannot be used. The message says which one, what happened and what to check; it holds no password. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';

  constructor(url: string, cause: unknown) {
    super(`Cannot open ${describeDatabase(url)}: ${reason(cause)}`, { cause });
  }
}

/** PostgreSQL refuses to start a session with these, by SQLSTATE. */
const REFUSALS: Record<string, string> = {
  '28P01': 'it does not take this password. Check user and password in DATABASE_URL.',
  '28000': 'it does not let this user in. Check the user in DATABASE_URL and pg_hba.conf of the server.',
  '3D000': 'there is no such database. Create it first, or check its name in DATABASE_URL.',
  '53300': 'it has no connection left. Close other clients, or raise max_connections.',
  '57P03': 'it is starting or stopping. Try again in a moment.',
};

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there. Check that PostgreSQL runs, and host and port in DATABASE_URL.',
  ENOENT: 'there is no such socket. Check that PostgreSQL runs, and the socket folder in DATABASE_URL.',
  ENOTFOUND: 'this host name is not known. Check it in DATABASE_URL.',
  EAI_AGAIN: 'the host name could not be looked up. Check it in DATABASE_URL, and the network.',
  ETIMEDOUT: 'it does not answer. Check host and port in DATABASE_URL, and firewalls on the way.',
  EACCES: 'this user may not open its socket. Check the rights of the socket folder.',
};

function reason(cause: unknown): string {
  const { code, message, errors } = cause as { code?: string; message?: string; errors?: { code?: string }[] };
  const known = code ?? errors?.[0]?.code ?? '';
  if (message?.startsWith('timeout')) return NETWORK.ETIMEDOUT as string;
  return REFUSALS[known] ?? NETWORK[known] ?? message ?? String(cause);
}
