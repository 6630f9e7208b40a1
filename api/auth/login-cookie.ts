import type { CookieSerializeOptions } from '@fastify/cookie';
import { LOGIN_DAYS } from './logins.ts';

export const LOGIN_COOKIE = 'kosuke_login';

/** Secrets are base64url, so nothing in them is encoded. */
const SECRET_IN_COOKIES = new RegExp(`(?:^|;\\s*)${LOGIN_COOKIE}=([\\w-]+)`);

/** How the cookie is set: for this server's pages only, and never for their scripts. */
export function loginCookieOptions(publicUrl: string | undefined): CookieSerializeOptions {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: publicUrl?.startsWith('https:') ?? false,
    maxAge: LOGIN_DAYS * 24 * 60 * 60,
  };
}

/** The secret of the login in a Cookie header. */
export function loginSecretIn(cookieHeader: string | undefined): string | undefined {
  return SECRET_IN_COOKIES.exec(cookieHeader ?? '')?.[1];
}
