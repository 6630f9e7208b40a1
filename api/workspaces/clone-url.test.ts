import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { checkCloneUrl, checkLocalPath } from './clone-url.ts';

const PUBLIC = '140.82.121.4';
const check = (url: string, { allowPrivate = false, addresses = [PUBLIC] } = {}) =>
  checkCloneUrl(url, { allowPrivate, lookup: async () => addresses });

describe('the URL of a repository', () => {
  it.each([
    'https://github.com/team/shop.git',
    'https://github.com/team/shop',
    'https://git.example.com:8443/a/b/c.git',
    'https://git.example.com/with%20space.git',
    `https://${PUBLIC}/a.git`,
    'https://[2606:50c0:8000::153]/a.git',
  ])('may be %s', async (url) => {
    expect(await check(url)).toEqual({ ok: true, url });
  });

  it.each([
    ['', 'MALFORMED_URL'],
    ['--upload-pack=touch /tmp/x', 'MALFORMED_URL'],
    ['-oProxyCommand=x://a/b', 'MALFORMED_URL'],
    ['https://a.example/\nb', 'MALFORMED_URL'],
    ['https://a.example/\tb', 'MALFORMED_URL'],
    ['https://a.example\\@b.example/x', 'MALFORMED_URL'],
    ['github.com/team/shop', 'MALFORMED_URL'],
    ['https://', 'MALFORMED_URL'],
    ['https:///a.git', 'MALFORMED_URL'],
    ['https://github.com', 'MALFORMED_URL'],
    ['https://github.com/a?token=secret', 'MALFORMED_URL'],
    [`https://a.example/${'x'.repeat(3000)}`, 'MALFORMED_URL'],
    ['/srv/git/a', 'UNSUPPORTED_PROTOCOL'],
    ['~/a', 'UNSUPPORTED_PROTOCOL'],
    ['../a', 'UNSUPPORTED_PROTOCOL'],
    ['file:///etc', 'UNSUPPORTED_PROTOCOL'],
    ['FILE:///etc', 'UNSUPPORTED_PROTOCOL'],
    ['ext::sh -c x', 'MALFORMED_URL'],
    ['ext::sh', 'UNSUPPORTED_PROTOCOL'],
    ['fd::17', 'UNSUPPORTED_PROTOCOL'],
    ['git@github.com:team/shop.git', 'UNSUPPORTED_PROTOCOL'],
    ['ssh://git@github.com/team/shop.git', 'UNSUPPORTED_PROTOCOL'],
    ['git://github.com/team/shop.git', 'UNSUPPORTED_PROTOCOL'],
    ['ftp://github.com/team/shop.git', 'UNSUPPORTED_PROTOCOL'],
    ['http://github.com/team/shop.git', 'UNSUPPORTED_PROTOCOL'],
  ])('is refused with a reason when it is %j', async (url, code) => {
    expect(await check(url)).toEqual({ ok: false, code, message: expect.stringMatching(/^[A-Z].{20,}/s) });
  });

  it.each(['https://mika:s3cr3t@github.com/a.git', 'https://s3cr3t@github.com/a.git', 'https://:s3cr3t@github.com/a'])(
    'is refused with the secret it holds, which is not repeated: %s',
    async (url) => {
      const refused = await check(url);
      expect(refused).toMatchObject({ ok: false, code: 'CREDENTIALS_IN_URL' });
      expect(JSON.stringify(refused)).not.toContain('s3cr3t');
    },
  );

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '224.0.0.1',
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])('is refused when its host is the private address %s', async (host) => {
    expect(await check(`https://${host}/a.git`)).toMatchObject({ ok: false, code: 'PRIVATE_ADDRESS' });
  });

  it('is refused when any address of its host is private', async () => {
    for (const hidden of ['10.0.0.1', '::1', '::ffff:10.0.0.1', 'fe80::1%eth0']) {
      const refused = await check('https://git.example.com/a.git', { addresses: [PUBLIC, hidden] });
      expect(refused).toMatchObject({ ok: false, code: 'PRIVATE_ADDRESS' });
    }
    expect(await check('https://git.example.com/a.git', { addresses: ['64:ff9b::8c52:7904'] })).toMatchObject({
      ok: true,
    });
  });

  it('asks the system for addresses by itself', async () => {
    expect(await checkCloneUrl('https://localhost/a.git', { allowPrivate: false })).toMatchObject({
      code: 'PRIVATE_ADDRESS',
    });
  });

  it('is refused when nobody knows its host', async () => {
    expect(await check('https://git.example.com/a.git', { addresses: [] })).toMatchObject({ code: 'UNKNOWN_HOST' });
    const failing = { allowPrivate: true, lookup: () => Promise.reject(new Error('ENOTFOUND')) };
    expect(await checkCloneUrl('https://git.example.com/a.git', failing)).toMatchObject({ code: 'UNKNOWN_HOST' });
  });

  it('may be private, and plain http to there only, where the owner allows it', async () => {
    const allowed = { allowPrivate: true, addresses: ['10.0.0.1'] };
    expect(await check('https://git.lan/a.git', allowed)).toMatchObject({ ok: true });
    expect(await check('http://git.lan/a.git', allowed)).toMatchObject({ ok: true });
    expect(await check('http://127.0.0.1:8080/a.git', allowed)).toMatchObject({ ok: true });
    expect(await check('http://git.lan/a.git', { allowPrivate: true })).toMatchObject({ ok: false });
    const mixed = { allowPrivate: true, addresses: ['10.0.0.1', PUBLIC] };
    expect(await check('http://git.lan/a.git', mixed)).toMatchObject({ ok: false });
    expect(await check('file:///etc', allowed)).toMatchObject({ ok: false });
  });
});

describe('the path of a repository', () => {
  let folder: string;
  let dataDir: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-path-')));
    dataDir = join(folder, 'data');
    await mkdir(dataDir);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const checkPath = (path: string) => checkLocalPath(path, { dataDir });

  it('may be a work tree, a bare repository or a linked work tree, also through a link', async () => {
    const tree = join(folder, 'a tree');
    await git(folder, 'init', '--quiet', tree);
    await git(tree, 'commit', '--quiet', '--allow-empty', '--message=x');
    await git(tree, 'worktree', 'add', '--quiet', join(folder, 'linked'));
    await git(folder, 'init', '--quiet', '--bare', join(folder, 'bare.git'));
    await symlink(tree, join(folder, 'link'));
    for (const name of ['a tree', 'bare.git', 'linked']) {
      expect(await checkPath(join(folder, name))).toEqual({ ok: true, path: join(folder, name) });
    }
    expect(await checkPath(join(folder, 'link'))).toEqual({ ok: true, path: tree });
  });

  it('is refused with a reason otherwise', async () => {
    const tree = join(folder, 'tree');
    await git(folder, 'init', '--quiet', tree);
    await mkdir(join(tree, 'inside'));
    await mkdir(join(folder, 'plain'));
    await writeFile(join(folder, 'file'), '');
    expect(await checkPath('relative')).toMatchObject({ code: 'NOT_ABSOLUTE' });
    expect(await checkPath('~/tree')).toMatchObject({ code: 'NOT_ABSOLUTE' });
    expect(await checkPath('/a\0b')).toMatchObject({ code: 'NOT_ABSOLUTE' });
    expect(await checkPath(join(folder, 'nowhere'))).toMatchObject({ code: 'NO_SUCH_FOLDER' });
    expect(await checkPath(join(folder, 'file'))).toMatchObject({ code: 'NOT_A_FOLDER' });
    expect(await checkPath(join(folder, 'plain'))).toMatchObject({ code: 'NOT_A_REPOSITORY' });
    expect(await checkPath(join(tree, 'inside'))).toMatchObject({
      code: 'NOT_A_REPOSITORY',
      message: expect.stringContaining(tree),
    });
  });

  it("is refused inside of Kosuke's own data, by whatever name", async () => {
    const own = join(dataDir, 'projects', '1', 'main');
    await mkdir(own, { recursive: true });
    await git(own, 'init', '--quiet', '--bare');
    await symlink(dataDir, join(folder, 'elsewhere'));
    await git(folder, 'init', '--quiet', join(folder, 'data2'));
    expect(await checkPath(own)).toMatchObject({ code: 'INSIDE_DATA' });
    expect(await checkPath(join(folder, 'elsewhere', 'projects', '1', 'main'))).toMatchObject({ code: 'INSIDE_DATA' });
    expect(await checkPath(dataDir)).toMatchObject({ code: 'INSIDE_DATA' });
    expect(await checkPath(join(folder, 'data2'))).toMatchObject({ ok: true });
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it.skip : it)('is refused when it may not be read (root may read everything)', async () => {
    const closed = join(folder, 'closed');
    await git(folder, 'init', '--quiet', closed);
    await chmod(closed, 0);
    expect(await checkPath(closed)).toMatchObject({ code: 'NOT_READABLE' });
    await chmod(closed, 0o700);
  });
});
