/** The server cannot listen where it was told to. The message says why and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(
    readonly code: string,
    host: string,
    port: number,
    cause: unknown,
  ) {
    super(explain(code, host, port) ?? `Cannot listen on ${host}, port ${port}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function explain(code: string, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use, perhaps by another Kosuke. Stop that program, or take another port: PORT=${port + 1}`;
    case 'EACCES':
      return `Port ${port} may not be used by this account. Take one from 1024 on: PORT=4000`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${host}. Take another: HOST=127.0.0.1, or HOST=0.0.0.0 for all of them`;
    default:
      return undefined;
  }
}
