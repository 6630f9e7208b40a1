import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { GitError } from './git-error.ts';
import { systemCode } from './object-files.ts';

const ADVERTISEMENT = 'info/refs?service=git-upload-pack';
const MAX_REDIRECTS = 3;
const ANSWER_WITHIN_MS = 30_000;

/**
 * Asks the server whether it has a git repository at `url`, and returns the address to fetch from. libgit2 gives every
 * refusal the same number, and follows redirects to any host: so the first question is asked here, where the status can be
 * read, and only redirects within the same host are followed.
 */
export async function findRemote(url: string): Promise<string> {
  let current = url.replace(/\/+$/, '');
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const { status, location, contentType } = await ask(new URL(`${current}/${ADVERTISEMENT}`));
    if (status >= 300 && status < 400 && location) {
      current = redirectedTo(current, location);
      continue;
    }
    checkStatus(status);
    if (!contentType.startsWith('application/x-git-upload-pack-advertisement')) throw notGit();
    return current;
  }
  throw new GitError('network', 'The server sends the request around in circles.');
}

function redirectedTo(current: string, location: string): string {
  const from = new URL(`${current}/${ADVERTISEMENT}`);
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to?.origin !== from.origin) {
    throw new GitError(
      'rejected',
      `The server of this address sends on to another host${to ? ` (${to.host})` : ''}. If you trust it, use its address instead.`,
    );
  }
  const suffix = `/${ADVERTISEMENT}`;
  if (!to.href.endsWith(suffix)) throw notGit();
  return to.href.slice(0, -suffix.length);
}

function checkStatus(status: number): void {
  if (status === 200) return;
  if (status === 401 || status === 403 || status === 407) {
    throw new GitError(
      'auth-failed',
      'The server wants a sign-in for this repository: it is private, or there is none at this address.',
    );
  }
  if (status === 404 || status === 410) {
    throw new GitError('not-found', 'The server knows no repository at this address.');
  }
  if (status === 429 || status >= 500) {
    throw new GitError('network', `The server is in trouble (status ${status}). Try again later.`);
  }
  throw notGit();
}

function notGit(): GitError {
  return new GitError('not-a-repository', 'The server answers, but not as a git repository. Is the address right?');
}

function unreachable(url: URL, cause: Error): GitError {
  const code = systemCode(cause) ?? '';
  const isCertificate = code.includes('CERT') || code.startsWith('UNABLE_TO');
  const message = isCertificate
    ? `The certificate of ${url.host} is not trusted here (${code}).`
    : `The server ${url.host} cannot be reached. Check the address and the connection.`;
  return new GitError('network', message, { cause });
}

interface Answer {
  status: number;
  location: string | undefined;
  contentType: string;
}

function ask(url: URL): Promise<Answer> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      { headers: { 'User-Agent': 'git/2.0 (kosuke)', Accept: '*/*' }, timeout: ANSWER_WITHIN_MS, agent: false },
      (response) => {
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          contentType: response.headers['content-type'] ?? '',
        });
        response.destroy();
      },
    );
    request.on('timeout', () => request.destroy(new GitError('timeout', 'The server took too long to answer.')));
    request.on('error', (cause) => {
      reject(cause instanceof GitError ? cause : unreachable(url, cause));
    });
    request.end();
  });
}
