import type { IncomingHttpHeaders } from 'node:http';
import { loginSecretIn } from '../auth/login-cookie.ts';

/** Which pages may use the API from a browser. */
export class OriginRule {
  private readonly others: ReadonlySet<string>;

  constructor({ publicUrl, allowedOrigins }: { publicUrl: string | undefined; allowedOrigins: readonly string[] }) {
    this.others = new Set([...allowedOrigins, ...(publicUrl ? [publicUrl] : [])]);
  }

  /** The server's own pages, and those the settings name. Behind a proxy the scheme may differ, so hosts are compared. */
  allows(origin: string, host: string | undefined): boolean {
    if (this.others.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  }

  /** Why a request is refused, or null. Browsers always name the origin; a login cookie without one is no browser's. */
  problemOf({ origin, host, cookie }: IncomingHttpHeaders): string | null {
    if (origin !== undefined) {
      if (this.allows(origin, host)) return null;
      return `Pages of ${origin} may not use this server. Its owner can allow them with KOSUKE_ALLOWED_ORIGINS.`;
    }
    if (loginSecretIn(cookie) === undefined) return null;
    return 'A request with a login cookie must name its origin. Scripts use a bearer token instead.';
  }
}
