import type { DataSource } from 'typeorm';
import { UserRole } from '../users/user.entity.ts';
import { hashOf } from './secret.ts';
import { Viewer } from './viewer.ts';

/** A login that is not used for so long ends. */
export const LOGIN_DAYS = 30;

export interface FoundLogin {
  readonly id: number;
  readonly viewer: Viewer;
  /** Whether its end was put off just now, so that the browser should be told. At most once a day. */
  readonly wasRenewed: boolean;
}

interface LoginRow {
  id: number;
  user_id: string;
  name: string | null;
  email: string | null;
  role: UserRole;
  is_stale: boolean;
}

/** Who is signed in, from which browser. */
export class Logins {
  constructor(private readonly dataSource: DataSource) {}

  /** The login of this secret, as long as it lasts. */
  async find(secret: string): Promise<FoundLogin | null> {
    const [row] = await this.dataSource.query<LoginRow[]>(
      `SELECT l.id, u.clerk_user_id AS user_id, u.name, u.email, u.role,
              l.last_used_at < now() - interval '1 day' AS is_stale
       FROM logins l JOIN users u ON u.clerk_user_id = l.user_id
       WHERE l.token_hash = $1 AND l.expires_at > now()`,
      [hashOf(secret)],
    );
    if (!row) return null;
    if (row.is_stale) await this.renew(row.id);
    return { id: row.id, viewer: viewerOf(row), wasRenewed: row.is_stale };
  }

  /** Whether a login has not ended since it was found. */
  async lasts(id: number): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(`SELECT FROM logins WHERE id = $1 AND expires_at > now()`, [
      id,
    ]);
    return rows.length > 0;
  }

  async end(id: number): Promise<void> {
    await this.dataSource.query(`DELETE FROM logins WHERE id = $1 OR expires_at < now()`, [id]);
  }

  private async renew(id: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE logins SET last_used_at = now(), expires_at = now() + make_interval(days => $2) WHERE id = $1`,
      [id, LOGIN_DAYS],
    );
  }
}

function viewerOf({ user_id, name, email, role }: LoginRow): Viewer {
  return new Viewer({ id: user_id, name: name || email || 'Somebody', email, isOwner: role === UserRole.OWNER });
}
