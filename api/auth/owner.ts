import type { DataSource } from 'typeorm';
import { UserRole } from '../users/user.entity.ts';

/** The account of whoever runs this server. */
export const OWNER_ID = 'local-owner';

/** Makes sure that the owner's account is there; a database that came over has users, but none who owns the server. */
export async function ensureOwner(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `INSERT INTO users (clerk_user_id, name, role) VALUES ($1, 'Owner', $2)
     ON CONFLICT (clerk_user_id) DO UPDATE SET role = excluded.role`,
    [OWNER_ID, UserRole.OWNER],
  );
}
