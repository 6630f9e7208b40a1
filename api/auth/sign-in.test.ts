import 'reflect-metadata';
import { type SmallServer, startSmallServer } from '../test/small-server.ts';
import { ensureOwner } from './owner.ts';

let server: SmallServer;

beforeEach(async () => {
  server = await startSmallServer();
});
afterEach(() => server.close());

const open = (link: string, init: RequestInit = {}) => fetch(link, { redirect: 'manual', ...init });

/** The cookie a browser would send after this answer. */
function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function signIn(): Promise<string> {
  return cookieOf(await open(await server.signInLinks.create(server.url)));
}

/** Who the server takes a browser with this cookie for. */
async function viewer(cookie: string): Promise<unknown> {
  const response = await server.post({ query: '{ viewer }' }, { cookie, origin: server.url });
  return ((await response.json()) as { data: { viewer: unknown } }).data.viewer;
}

describe('the sign-in link', () => {
  it('signs the owner in and leads to the app', async () => {
    const response = await open(await server.signInLinks.create(server.url));
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect(response.headers.get('set-cookie')).toMatch(
      /^kosuke_login=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await viewer(cookieOf(response))).toBe('Owner');
  });

  it('works once', async () => {
    const link = await server.signInLinks.create(server.url);
    await open(link);
    const again = await open(link);
    expect(again.status).toBe(410);
    expect(cookieOf(again)).toBe('');
    expect(await again.text()).toContain('prints a new link each time it is started');
  });

  it('works for one of many that open it at once', async () => {
    const link = await server.signInLinks.create(server.url);
    const answers = await Promise.all(Array.from({ length: 8 }, () => open(link)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  it('leads somebody who is signed in to the app, even when it was used', async () => {
    const link = await server.signInLinks.create(server.url);
    const cookie = cookieOf(await open(link));
    const again = await open(link, { headers: { cookie } });
    expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
  });

  it('is not used up by those who only look whether it is there', async () => {
    const link = await server.signInLinks.create(server.url);
    expect((await open(link, { method: 'HEAD' })).status).toBe(404);
    expect((await open(link)).status).toBe(303);
  });

  it('ends after an hour', async () => {
    const link = await server.signInLinks.create(server.url);
    await server.dataSource.query(`UPDATE sign_in_links SET expires_at = expires_at - interval '59 minutes'`);
    expect((await open(link)).status).toBe(303);
    const late = await server.signInLinks.create(server.url);
    await server.dataSource.query(`UPDATE sign_in_links SET expires_at = expires_at - interval '60 minutes'`);
    expect((await open(late)).status).toBe(410);
  });

  it.each(['', '?token=', '?token=wrong', '?token=a&token=b'])('is nothing with %j behind it', async (query) => {
    expect((await open(`${server.url}/sign-in${query}`)).status).toBe(410);
  });

  it('is stored as a hash only, and so is the login', async () => {
    const link = await server.signInLinks.create(server.url);
    const secret = (await open(link)).headers.get('set-cookie')?.match(/kosuke_login=([\w-]+)/)?.[1] ?? 'none';
    const token = new URL(link).searchParams.get('token') ?? 'none';
    const [row] = await server.dataSource.query(
      `SELECT (SELECT json_agg(l)::text FROM logins l) || (SELECT json_agg(s)::text FROM sign_in_links s) AS stored`,
    );
    expect(row.stored).toContain('local-owner');
    expect(row.stored).not.toContain(secret);
    expect(row.stored).not.toContain(token);
  });

  it('sets a cookie for https alone where people come by https', async () => {
    await server.close();
    server = await startSmallServer({ publicUrl: 'https://kosuke.example.com' });
    expect(server.url).toBe('https://kosuke.example.com');
    const link = await server.signInLinks.create(server.address);
    expect((await open(link)).headers.get('set-cookie')).toContain('; Secure');
  });
});

describe('a login', () => {
  it('ends with signing out, on this browser only', async () => {
    const [here, elsewhere] = [await signIn(), await signIn()];
    const response = await server.post({ query: 'mutation { signOut }' }, { cookie: here, origin: server.url });
    expect(await response.json()).toEqual({ data: { signOut: true } });
    expect(response.headers.get('set-cookie')).toMatch(/^kosuke_login=; .*Expires=Thu, 01 Jan 1970/);
    expect(await viewer(here)).toBeNull();
    expect(await viewer(elsewhere)).toBe('Owner');
  });

  it('takes its sockets along when it ends', async () => {
    const cookie = await signIn();
    const client = server.socket({ cookie, origin: server.url }, {});
    const closed = new Promise((resolve) => client.on('closed', resolve));
    client.subscribe({ query: 'subscription { waiting }' }, { next: () => {}, error: () => {}, complete: () => {} });
    await new Promise<unknown>((resolve) => client.on('connected', resolve));
    await server.post({ query: 'mutation { signOut }' }, { cookie, origin: server.url });
    expect(await closed).toMatchObject({ code: 4403 });
  });

  it('ends after 30 days without use, and lasts 30 more from each use', async () => {
    const cookie = await signIn();
    await server.dataSource.query(
      `UPDATE logins SET last_used_at = last_used_at - interval '29 days', expires_at = expires_at - interval '29 days'`,
    );
    const response = await server.post({ query: '{ viewer }' }, { cookie, origin: server.url });
    expect(cookieOf(response)).toBe(cookie);
    const [{ days }] = await server.dataSource.query(
      `SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM logins`,
    );
    expect(days).toBe(30);
    await server.dataSource.query(`UPDATE logins SET expires_at = now() - interval '1 second'`);
    expect(await viewer(cookie)).toBeNull();
  });

  it('is nothing to guess at', async () => {
    expect(await viewer('kosuke_login=guess')).toBeNull();
    expect(await viewer('kosuke_login=%00')).toBeNull();
  });
});

it('makes the owner once, and again after a database came over', async () => {
  await ensureOwner(server.dataSource);
  await server.dataSource.query(`UPDATE users SET role = 'member', name = 'Ada'`);
  await ensureOwner(server.dataSource);
  await expect(server.dataSource.query('SELECT clerk_user_id, name, role FROM users')).resolves.toEqual([
    { clerk_user_id: 'local-owner', name: 'Ada', role: 'owner' },
  ]);
});
