import type { DataSource } from 'typeorm';
import { LOGIN_DAYS } from './logins.ts';
import { OWNER_ID } from './owner.ts';
import { hashOf, newSecret } from './secret.ts';

/** How long a link can wait to be opened. */
const LINK_MINUTES = 60;

/** Links that sign in whoever opens them first. */
export class SignInLinks {
  constructor(private readonly dataSource: DataSource) {}

  /** A new link for this user, under the address at which the server is reached (`https://host:port`). */
  async create(baseUrl: string, userId = OWNER_ID): Promise<string> {
    const token = newSecret();
    await this.dataSource.query(`DELETE FROM sign_in_links WHERE expires_at < now() - interval '1 day'`);
    await this.dataSource.query(
      `INSERT INTO sign_in_links (token_hash, user_id, expires_at) VALUES ($1, $2, now() + make_interval(mins => $3))`,
      [hashOf(token), userId, LINK_MINUTES],
    );
    return `${baseUrl}/sign-in?token=${token}`;
  }

  /** Uses the link up: the secret of a new login, or null when the link was used already, is too old or never was. */
  async use(token: string): Promise<string | null> {
    const secret = newSecret();
    const logins: unknown[] = await this.dataSource.query(
      `WITH used AS (
         UPDATE sign_in_links SET used_at = now()
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now() RETURNING user_id
       )
       INSERT INTO logins (user_id, token_hash, expires_at)
       SELECT user_id, $2, now() + make_interval(days => $3) FROM used RETURNING id`,
      [hashOf(token), hashOf(secret), LOGIN_DAYS],
    );
    return logins.length > 0 ? secret : null;
  }
}
