import pg from 'pg';

/** The same server and rights, another database. Works for socket URLs too, which WHATWG URL refuses. */
export function withDatabase(url: string, database: string): string {
  const parts = /^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?(\?.*)?$/.exec(url);
  if (!parts) throw new Error('Not a PostgreSQL URL.');
  return `${parts[1]}/${encodeURIComponent(database)}${parts[2] ?? ''}`;
}

/** Where a URL leads, for messages: never the password. */
export function describeDatabase(url: string): string {
  const { host, port, database, user } = new pg.Client({ connectionString: url });
  const server = host.startsWith('/') ? `the socket in ${host}` : `host ${host}, port ${port}`;
  return `database "${database ?? ''}" at ${server}, as user "${user ?? ''}"`;
}
