import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestApp } from './testkit.ts';

/** Somebody else on this server, signed in by a link as people are. Gives the headers of their browser. */
export async function signInMember(app: TestApp, name: string): Promise<Record<string, string>> {
  const token = randomBytes(32).toString('base64url');
  const database = new pg.Client({ connectionString: app.databaseUrl });
  await database.connect();
  try {
    await database.query('INSERT INTO users (clerk_user_id, name) VALUES ($1, $1)', [name]);
    await database.query(
      "INSERT INTO sign_in_links (token_hash, user_id, expires_at) VALUES ($1, $2, now() + interval '1 minute')",
      [createHash('sha256').update(token).digest('hex'), name],
    );
  } finally {
    await database.end();
  }
  const answer = await fetch(`${app.url}/sign-in?token=${token}`, { redirect: 'manual' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { cookie, origin: app.url };
}
