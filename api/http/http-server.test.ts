import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutionResult } from 'graphql';
import WebSocket from 'ws';
import { SMALL_SERVER_TOKEN, type SmallServer, startSmallServer } from '../test/small-server.ts';
import { createHttpServer } from './http-server.ts';
import { ListenError } from './listen-error.ts';

let server: SmallServer;

beforeEach(async () => {
  server = await startSmallServer({ allowedOrigins: ['https://friend.example.com'] });
});
afterEach(() => server.close());

const bearer = { authorization: `Bearer ${SMALL_SERVER_TOKEN}` };

/** The status a WebSocket handshake is refused with, or 101. */
function handshake(headers: Record<string, string>, path = '/graphql'): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', reject);
  });
}

/** A GET with the path as it is: fetch would tidy it up. */
function get(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    httpRequest({ hostname, port, path }, async (response) => {
      let body = '';
      for await (const piece of response) body += piece;
      resolve({ status: response.statusCode ?? 0, body });
    })
      .on('error', reject)
      .end();
  });
}

/** The code a socket is closed with. */
async function closeCode(socket: ReturnType<SmallServer['socket']>): Promise<number> {
  const closed = new Promise<number>((resolve) => {
    socket.on('closed', (event) => resolve((event as { code: number }).code));
  });
  socket.subscribe({ query: 'subscription { waiting }' }, { next: () => {}, error: () => {}, complete: () => {} });
  return closed;
}

async function errorsOf(response: Response): Promise<{ message: string; extensions: { code: string } }[]> {
  const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  return errors;
}

/** The first answer to an operation sent over a socket. */
async function overSocket(query: string): Promise<ExecutionResult> {
  const { value } = await server.socket().iterate({ query }).next();
  return value as ExecutionResult;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('health', () => {
  it('is 503 until the program is ready, then 200', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
    server.http.ready();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  it.each([
    ['foreign', { origin: 'https://evil.example.com' }, 403],
    ['of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['without a proper name', { origin: 'null' }, 403],
    ['that the settings allow', { origin: 'https://friend.example.com' }, 200],
  ])('%s', async (_, headers, status) => {
    expect((await server.post({ query: '{ viewer }' }, { ...bearer, ...headers })).status).toBe(status);
    expect(await handshake(headers)).toBe(status === 200 ? 101 : status);
  });

  it('are the same origin when they name the host that was asked', async () => {
    const headers = { origin: server.url };
    expect((await server.post({ query: '{ viewer }' }, { ...bearer, ...headers })).status).toBe(200);
    expect(await handshake(headers)).toBe(101);
  });

  it('may not leave their origin out while they bring a login', async () => {
    const headers = { cookie: 'kosuke_login=anything' };
    expect((await server.post({ query: '{ viewer }' }, headers)).status).toBe(403);
    expect(await handshake(headers)).toBe(403);
  });

  it('are told by CORS what they may do', async () => {
    const ask = (origin: string) =>
      fetch(`${server.url}/graphql`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const friend = await ask('https://friend.example.com');
    expect(friend.status).toBe(204);
    expect(friend.headers.get('access-control-allow-origin')).toBe('https://friend.example.com');
    const foreign = await ask('https://evil.example.com');
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('cannot send operations as forms do', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'text/plain' },
      body: JSON.stringify({ query: 'mutation { signOut }' }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('CSRF');
  });
});

describe('who is asking', () => {
  it('is known by the bearer token', async () => {
    await expect((await server.post({ query: '{ viewer }' })).json()).resolves.toEqual({ data: { viewer: 'Owner' } });
  });

  it('may be nobody over http, not over a socket', async () => {
    await expect((await server.post({ query: '{ viewer }' }, {})).json()).resolves.toEqual({ data: { viewer: null } });
    expect(await closeCode(server.socket({}, {}))).toBe(4403);
  });

  it('is told when the token is wrong', async () => {
    const response = await server.post({ query: '{ viewer }' }, { authorization: 'Bearer wrong-token-of-some-length' });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain('"UNAUTHENTICATED"');
    expect(await closeCode(server.socket({}, { authorization: 'Bearer wrong' }))).toBe(4403);
  });
});

describe('what goes wrong', () => {
  it('is logged once and leaves as a reference, over http', async () => {
    const response = await server.post({ query: '{ bug }' });
    const text = await response.text();
    expect(text).not.toContain('hush');
    expect(text).not.toContain('stack');
    const [error] = JSON.parse(text).errors;
    expect(server.logged).toHaveLength(1);
    expect(server.logged[0]).toMatchObject({ err: { message: 'password is hush' } });
    expect(error).toMatchObject({
      message: `Something went wrong. Reference: ${server.logged[0]?.reference}`,
      path: ['bug'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  });

  it('is logged once and leaves as a reference, over a socket', async () => {
    const answer = await overSocket('{ bug }');
    expect(JSON.stringify(answer)).not.toContain('hush');
    expect(server.logged).toHaveLength(1);
    expect(answer.errors?.[0]?.message).toBe(`Something went wrong. Reference: ${server.logged[0]?.reference}`);
  });

  it('passes as it is when it was meant for the one who asked', async () => {
    const errors = await errorsOf(await server.post({ query: '{ refused }' }));
    expect(errors[0]).toMatchObject({ message: 'Not like this.', extensions: { code: 'BAD_USER_INPUT' } });
    const answer = await overSocket('{ refused }');
    expect(answer.errors?.[0]).toMatchObject({ message: 'Not like this.', extensions: { code: 'BAD_USER_INPUT' } });
    expect(server.logged).toEqual([]);
  });

  it('says which variable does not fit', async () => {
    const body = { query: 'query ($n: Int) { things(first: $n) { nodes { name } } }', variables: { n: 'many' } };
    const response = await server.post(body);
    expect(response.status).toBe(400);
    expect((await errorsOf(response))[0]?.message).toContain('Variable "$n"');
  });

  it('includes bodies that are too long', async () => {
    const response = await server.post({ query: '{ viewer }', filler: 'x'.repeat(1024 * 1024) });
    expect(response.status).toBe(413);
    expect((await errorsOf(response))[0]?.extensions.code).toBe('FST_ERR_CTP_BODY_TOO_LARGE');
  });

  it('includes socket messages that are too long', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const code = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send('x'.repeat(1024 * 1024 + 1)));
    expect(await code).toBe(1009);
  });
});

describe('subscriptions', () => {
  it('have a context of their own for each event', async () => {
    const results = server.socket().iterate<{ context: number }>({ query: 'subscription { context }' });
    const contexts = [(await results.next()).value, (await results.next()).value].map(({ data }) => data?.context);
    expect(contexts[1]).toBe((contexts[0] ?? 0) + 1);
  });

  it('end with the wish of the client, even while nothing happens', async () => {
    const results = server.socket().iterate({ query: 'subscription { waiting }' });
    const first = results.next();
    await until(() => server.waiting() === 1);
    await results.return?.();
    await first;
    await until(() => server.waiting() === 0);
  });

  it('end with the socket', async () => {
    const client = server.socket();
    client.subscribe({ query: 'subscription { waiting }' }, { next: () => {}, error: () => {}, complete: () => {} });
    await until(() => server.waiting() === 1);
    client.terminate();
    await until(() => server.waiting() === 0);
  });

  it('are at most 100 a socket', async () => {
    const client = server.socket();
    const refused = new Promise<unknown>((resolve) => {
      for (let n = 0; n < 101; n += 1) {
        client.subscribe({ query: 'subscription { waiting }' }, { next: () => {}, error: resolve, complete: () => {} });
      }
    });
    expect(await refused).toMatchObject([{ extensions: { code: 'TOO_MANY_OPERATIONS' } }]);
    await until(() => server.waiting() === 100);
  });
});

describe('the pages', () => {
  async function withClient(): Promise<void> {
    const { clientFolder } = server;
    await mkdir(join(clientFolder, 'assets'));
    await writeFile(join(clientFolder, 'index.html'), '<p>the app</p>');
    await writeFile(join(clientFolder, 'graphiql.html'), '<p>graphiql</p>');
    await writeFile(join(clientFolder, 'assets', 'app-1a2b3c.js'), 'run()');
    await writeFile(join(clientFolder, '..', 'kosuke-test-secret'), 'hush');
  }

  it('are the app at every address that is nothing else', async () => {
    await withClient();
    for (const path of ['/', '/projects/1/sessions/abc', '/index.html']) {
      const response = await fetch(`${server.url}${path}`);
      expect([response.status, await response.text(), response.headers.get('cache-control')]).toEqual([
        200,
        '<p>the app</p>',
        'no-cache',
      ]);
    }
    expect((await fetch(`${server.url}/assets/app-0.js`)).status).toBe(404);
    expect((await fetch(`${server.url}/graphql/x`)).status).toBe(404);
    expect((await fetch(`${server.url}/graphql`)).status).toBe(405);
  });

  it('keep hashed files for good', async () => {
    await withClient();
    const response = await fetch(`${server.url}/assets/app-1a2b3c.js`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('run no scripts but their own, in no frame', async () => {
    await withClient();
    const app = await fetch(server.url);
    const policy = app.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('worker-src');
    expect(app.headers.get('x-content-type-options')).toBe('nosniff');
    expect(app.headers.get('referrer-policy')).toBe('no-referrer');
    const graphiql = await fetch(`${server.url}/graphiql`);
    expect(await graphiql.text()).toBe('<p>graphiql</p>');
    expect(graphiql.headers.get('content-security-policy')).toContain("worker-src 'self' blob:");
  });

  it('are nothing from outside their folder', async () => {
    await withClient();
    for (const path of [
      '/../kosuke-test-secret',
      '/assets/..%2f..%2fkosuke-test-secret',
      '/%2e%2e/kosuke-test-secret',
    ]) {
      expect((await get(path)).body).not.toContain('hush');
    }
  });

  it('say so when they are not built', async () => {
    const response = await fetch(`${server.url}/graphiql`);
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('npm run build')]);
  });
});

describe('starting and stopping', () => {
  it('says which port is in use and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { schema, authentication, signInLinks } = server.parts;
    const second = await createHttpServer({
      schema,
      authentication,
      signInLinks,
      config: { host: '127.0.0.1', port, publicUrl: undefined, allowedOrigins: [] },
      logger: { error: () => {} },
      makeContext: () => ({}),
    });
    try {
      const failure = await second.listen().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ListenError);
      expect(failure).toMatchObject({
        code: 'EADDRINUSE',
        message: `Port ${port} on 127.0.0.1 is in use, perhaps by another Kosuke. Stop that program, or take another port: PORT=${port + 1}`,
      });
    } finally {
      await second.close();
      other.close();
    }
  });

  it('tells sockets to go and lets requests end', async () => {
    const code = closeCode(server.socket());
    await until(() => server.waiting() === 1);
    const slow = server.post({ query: '{ slow }' });
    await until(() => server.slow.isWaiting());
    const closed = server.http.close();
    expect(await code).toBe(1001);
    server.slow.answer();
    await expect((await slow).json()).resolves.toEqual({ data: { slow: 'done' } });
    await closed;
    expect(server.waiting()).toBe(0);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});
