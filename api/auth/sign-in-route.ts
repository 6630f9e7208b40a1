import type { FastifyInstance } from 'fastify';
import type { Authentication } from './authentication.ts';
import { LOGIN_COOKIE, loginCookieOptions, loginSecretIn } from './login-cookie.ts';
import type { SignInLinks } from './sign-in-links.ts';

const UNUSABLE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign-in link - Kosuke</title>
<h1>This sign-in link cannot be used</h1>
<p>Each link works once, within an hour. This one was used already, is too old, or was not copied whole.</p>
<p>Kosuke prints a new link each time it is started.</p>
</html>
`;

interface SignInParts {
  readonly authentication: Authentication;
  readonly signInLinks: SignInLinks;
  readonly publicUrl: string | undefined;
}

/** GET /sign-in?token=: what the printed link opens. The token is in the address, so the address is never logged. */
export function addSignInRoute(http: FastifyInstance, { authentication, signInLinks, publicUrl }: SignInParts): void {
  // HEAD, which link checkers send, must not use the link up.
  http.get<{ Querystring: { token?: unknown } }>('/sign-in', { exposeHeadRoute: false }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { token } = request.query;
    const secret = typeof token === 'string' ? await signInLinks.use(token) : null;
    if (secret) {
      return reply.setCookie(LOGIN_COOKIE, secret, loginCookieOptions(publicUrl)).redirect('/', 303);
    }
    const { viewer } = await authentication.identify({ loginSecret: loginSecretIn(request.headers.cookie) });
    if (viewer) return reply.redirect('/', 303);
    return reply.code(410).type('text/html; charset=utf-8').send(UNUSABLE);
  });
}
