import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import type { GitProgress } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
let folder: string;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-remote-'));
  await mkdir(join(folder, 'served'));
  answer = serveGit;
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => door.close());

/** What every git host does: hands the request to `git http-backend`. */
function serveGit(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://x');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: join(folder, 'served'),
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-encoding'] ? { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] } : {}),
      ...(request.headers['content-length'] ? { CONTENT_LENGTH: request.headers['content-length'] } : {}),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A client that hangs up early must not end the test.
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf('\r\n\r\n');
    for (const line of whole.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.end(whole.subarray(end + 4));
  });
}

async function serve(name: string, branch = 'main'): Promise<{ path: string; head: string }> {
  const path = join(folder, 'served', name);
  await mkdir(path, { recursive: true });
  await git(path, 'init', '--quiet', '--bare', `--initial-branch=${branch}`);
  const work = join(folder, 'work');
  await git(folder, 'clone', '--quiet', path, work);
  await git(work, 'checkout', '--quiet', '-B', branch);
  await writeFile(join(work, 'a.txt'), 'a\n');
  await git(work, 'add', '--all');
  await git(work, 'commit', '--quiet', '--message=First');
  await git(work, 'tag', 'v1');
  await git(work, 'push', '--quiet', '--tags', 'origin', branch, `${branch}:side`);
  const head = await git(work, 'rev-parse', 'HEAD');
  await rm(work, { recursive: true });
  return { path, head };
}

const address = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
const clone = (url: string, onProgress?: (progress: GitProgress) => void) =>
  door.cloneBase({ source: { kind: 'url', url }, path: join(folder, 'base') }, { onProgress });

describe('a base repository from a server', () => {
  it('has all branches and tags, and the default branch of the server', async () => {
    const { head } = await serve('team/my repo ü.git', 'trunk');
    const progress: GitProgress[] = [];
    const base = await clone(address('team/my%20repo%20%C3%BC.git'), (step) => progress.push(step));
    expect(base).toEqual({ defaultBranch: 'trunk', headSha: head });
    const path = join(folder, 'base');
    expect(await door.branches(path)).toEqual([
      { name: 'side', commitSha: head },
      { name: 'trunk', commitSha: head },
    ]);
    expect(await git(path, 'rev-parse', 'v1')).toBe(head);
    expect(await git(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/trunk');
    expect(await git(path, 'config', 'remote.origin.url')).toBe(address('team/my%20repo%20%C3%BC.git'));
    expect(await git(path, 'fsck', '--strict')).toBe('');
    expect(progress.map(({ phase }) => phase)).toContain('Connecting');
  });

  it('may have no commit yet', async () => {
    await git(folder, 'init', '--quiet', '--bare', join(folder, 'served', 'empty.git'));
    expect(await clone(address('empty.git'))).toEqual({ defaultBranch: 'main', headSha: null });
  });

  it('is found where its server moved it, on the same host', async () => {
    const { head } = await serve('new.git');
    answer = (request, response) => {
      if (!request.url?.startsWith('/old')) return serveGit(request, response);
      response.writeHead(301, { Location: request.url.replace('/old', '/new.git') }).end();
    };
    expect(await clone(address('old'))).toEqual({ defaultBranch: 'main', headSha: head });
  });

  it('is not fetched from another host that the server names, at whatever moment', async () => {
    await serve('a.git');
    let wasAsked = false;
    const other = createServer((_request, response) => {
      wasAsked = true;
      response.end();
    });
    other.listen(0, 'localhost');
    await once(other, 'listening');
    const elsewhere = `http://localhost:${(other.address() as AddressInfo).port}`;
    try {
      answer = (request, response) => {
        response.writeHead(302, { Location: elsewhere + request.url }).end();
      };
      await expect(clone(address('a.git'))).rejects.toMatchObject({ code: 'rejected' });
      // The first question, ours, is answered well; only libgit2 is sent away.
      answer = (request, response) => {
        if (requests.length === 2) return serveGit(request, response);
        response.writeHead(302, { Location: elsewhere + request.url }).end();
      };
      await expect(clone(address('a.git'))).rejects.toMatchObject({ code: 'network' });
      expect(requests).toHaveLength(3);
      expect(wasAsked).toBe(false);
    } finally {
      other.closeAllConnections();
      await new Promise((resolve) => other.close(resolve));
    }
  });

  const refusals: [string, (request: IncomingMessage, response: ServerResponse) => void, string][] = [
    [
      'wants a sign-in',
      (_, response) => response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end(),
      'auth-failed',
    ],
    ['forbids it', (_, response) => response.writeHead(403).end(), 'auth-failed'],
    ['knows no such repository', (_, response) => response.writeHead(404).end(), 'not-found'],
    ['is in trouble', (_, response) => response.writeHead(503).end(), 'network'],
    ['hangs up', (request) => request.socket.destroy(), 'network'],
    ['is a web site', (_, response) => response.end('<html>'), 'not-a-repository'],
  ];
  it.each(refusals)('is refused when the server %s', async (_, how, code) => {
    answer = how;
    await expect(clone(address('a.git'))).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual(['served']);
  });

  it('is refused, and asked for once only, when the server wants a sign-in later on', async () => {
    await serve('a.git');
    answer = (request, response) => {
      if (requests.length === 1) return serveGit(request, response);
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    };
    await expect(clone(address('a.git'))).rejects.toMatchObject({ code: 'auth-failed' });
    expect(requests).toHaveLength(2);
    expect(await readdir(folder)).toEqual(['served']);
  });

  it('is refused when nobody is there', async () => {
    const url = address('a.git');
    await new Promise((resolve) => server.close(resolve));
    await expect(clone(url)).rejects.toMatchObject({ code: 'network' });
  });
});

describe('over https', () => {
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

  (hasOpenssl ? it : it.skip)('trusts the certificates it was given, and no others (needs openssl)', async () => {
    const { head } = await serve('a.git');
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
    spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
    const secure = createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, serveGit);
    secure.listen(0, 'localhost');
    await once(secure, 'listening');
    const trusting = new GitProcesses({ caFile: cert });
    try {
      const source = { kind: 'url', url: `https://localhost:${(secure.address() as AddressInfo).port}/a.git` } as const;
      await expect(door.cloneBase({ source, path: join(folder, 'untrusted') })).rejects.toMatchObject({
        code: 'network',
        message: expect.stringContaining('certificate'),
      });
      expect(await trusting.cloneBase({ source, path: join(folder, 'trusted') })).toEqual({
        defaultBranch: 'main',
        headSha: head,
      });
    } finally {
      await trusting.close();
      secure.closeAllConnections();
      await new Promise((resolve) => secure.close(resolve));
    }
  });
});
