import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { type GitServer, startGitServer } from '../test/git-server.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
let server: GitServer;
const fixtures: Fixture[] = [];

beforeAll(async () => {
  server = await startGitServer();
  kit = await startTestApp({ KOSUKE_ALLOW_PRIVATE_ADDRESSES: 'true' });
}, 60_000);

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

afterAll(async () => {
  await kit?.close();
  await server?.close();
});

interface Entry {
  name?: string;
  path: string;
  url: string;
  sha: string;
}

/** A repository with submodules, served as `name`; what the entries say is written as it is. */
async function superproject(name: string, entries: Entry[]): Promise<Fixture> {
  const fixture = await makeRepository({ 'a.txt': 'a\n' });
  fixtures.push(fixture);
  const lines = entries.map(
    ({ name: title, path, url }) => `[submodule "${title ?? path}"]\n\tpath = ${path}\n\turl = ${url}\n`,
  );
  await writeFile(join(fixture.path, '.gitmodules'), lines.join(''));
  await git(fixture.path, 'add', '--all');
  for (const { path, sha } of entries) {
    // git itself refuses to pin at a hostile path.
    await git(fixture.path, 'update-index', '--add', '--cacheinfo', `160000,${sha},${path}`).catch(() => undefined);
  }
  await git(fixture.path, 'commit', '--quiet', '--message=Submodules');
  await publish(fixture, name);
  return fixture;
}

async function publish({ path }: Fixture, name: string): Promise<void> {
  const bare = existsSync(server.path(name)) ? server.path(name) : await server.create(name);
  await git(path, 'push', '--quiet', '--mirror', bare);
}

async function library(name: string, files: Record<string, string>): Promise<Fixture & { sha: string }> {
  const fixture = await makeRepository(files);
  fixtures.push(fixture);
  await symlink('/etc/passwd', join(fixture.path, 'link'));
  await git(fixture.path, 'add', '--all');
  await git(fixture.path, 'commit', '--quiet', '--message=Link');
  await publish(fixture, name);
  return { ...fixture, sha: await git(fixture.path, 'rev-parse', 'HEAD') };
}

async function chatOf(input: Record<string, unknown>): Promise<{ id: string; path: string }> {
  const projectId = await newProject(kit, input);
  const { id } = await newSession(kit, projectId);
  await talk(kit, id, '!true');
  return { id, path: join(kit.dataDir, 'projects', projectId, 'sessions', id) };
}

const list = async (id: string) =>
  (
    await kit.ask('query ($id: ID!) { chatSession(id: $id) { submodules { path url sha isCheckedOut problem } } }', {
      id,
    })
  ).chatSession.submodules;

const checkOut = async (id: string, path: string) =>
  (
    await kit.ask(
      `mutation ($id: ID!, $path: String!) {
         checkOutSubmodule(chatSessionId: $id, path: $path) { ... on WorkspaceOperation { status errorCode errorMessage } ... on UserError { code message } }
       }`,
      { id, path },
    )
  ).checkOutSubmodule;

describe('submodules', () => {
  it('are named, and checked out on request as plain files, by an absolute or a relative address', async () => {
    const lib = await library('team/lib.git', { 'src/lib.txt': 'lib\n' });
    await superproject('team/shop.git', [
      { path: 'libs/one', url: '../lib.git', sha: lib.sha },
      { path: 'two', url: server.url('team/lib.git'), sha: lib.sha },
    ]);
    const chat = await chatOf({ gitUrl: server.url('team/shop.git') });
    const url = server.url('team/lib.git');
    expect(await list(chat.id)).toEqual([
      { path: 'libs/one', url, sha: lib.sha, isCheckedOut: false, problem: null },
      { path: 'two', url, sha: lib.sha, isCheckedOut: false, problem: null },
    ]);
    expect(await checkOut(chat.id, 'libs/one')).toMatchObject({ status: 'SUCCEEDED' });
    expect((await list(chat.id)).map(({ isCheckedOut }: { isCheckedOut: boolean }) => isCheckedOut)).toEqual([
      true,
      false,
    ]);
    expect((await readdir(join(chat.path, 'libs/one'))).sort()).toEqual(['link', 'src']);
    expect(await readFile(join(chat.path, 'libs/one/src/lib.txt'), 'utf8')).toBe('lib\n');
    expect(await git(chat.path, 'status', '--porcelain')).toBe('');
    // The agent may use and change the files; none of it is committed.
    const seen = await talk(
      kit,
      chat.id,
      '!cat libs/one/src/lib.txt; echo changed > libs/one/src/lib.txt; echo mine > mine.txt',
    );
    const commit = seen.find(({ part }) => part?.__typename === 'CommitPart');
    expect(commit.part.files).toEqual([{ path: 'mine.txt', kind: 'ADDED' }]);
    expect(await git(chat.path, 'ls-tree', 'HEAD', 'libs/one')).toContain(`160000 commit ${lib.sha}`);
    // Once more does nothing, and keeps the change.
    expect(await checkOut(chat.id, 'libs/one')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await readFile(join(chat.path, 'libs/one/src/lib.txt'), 'utf8')).toBe('changed\n');
  }, 60_000);

  it('are fetched again for a commit that came later, and never overwrite what lies there', async () => {
    const lib = await library('later/lib.git', { 'lib.txt': 'one\n' });
    const shop = await superproject('later/shop.git', [{ path: 'lib', url: '../lib.git', sha: lib.sha }]);
    const first = await chatOf({ gitUrl: server.url('later/shop.git') });
    expect(await checkOut(first.id, 'lib')).toMatchObject({ status: 'SUCCEEDED' });
    await writeFile(join(lib.path, 'lib.txt'), 'two\n');
    await git(lib.path, 'commit', '--quiet', '--all', '--message=Two');
    await publish(lib, 'later/lib.git');
    const sha = await git(lib.path, 'rev-parse', 'HEAD');
    await git(shop.path, 'update-index', '--cacheinfo', `160000,${sha},lib`);
    await git(shop.path, 'commit', '--quiet', '--message=Two');
    await publish(shop, 'later/shop.git');
    const projectId = first.path.split('/').at(-3) as string;
    await kit.ask('mutation ($id: ID!) { refreshProject(id: $id) { __typename } }', { id: projectId });
    const second = await newSession(kit, projectId);
    await talk(kit, second.id, '!true');
    expect(await checkOut(second.id, 'lib')).toMatchObject({ status: 'SUCCEEDED' });
    const path = join(kit.dataDir, 'projects', projectId, 'sessions', second.id);
    expect(await readFile(join(path, 'lib/lib.txt'), 'utf8')).toBe('two\n');

    const third = await newSession(kit, projectId);
    await talk(kit, third.id, '!mkdir -p lib; echo precious > lib/lib.txt');
    expect(await checkOut(third.id, 'lib')).toMatchObject({ status: 'FAILED', errorCode: 'exists' });
    expect(await readFile(join(kit.dataDir, 'projects', projectId, 'sessions', third.id, 'lib/lib.txt'), 'utf8')).toBe(
      'precious\n',
    );
  }, 60_000);

  it.each([
    'file:///etc',
    '/etc',
    'ssh://git@example.com/a.git',
    'git@example.com:a.git',
    'ext::sh -c "touch /tmp/x"',
    '--upload-pack=touch',
    '',
  ])(
    'with the address %j are refused, and say why',
    async (url) => {
      const name = `hostile/${Buffer.from(url).toString('hex').slice(0, 20) || 'none'}.git`;
      await superproject(name, [{ path: 'lib', url, sha: '1'.repeat(40) }]);
      const chat = await chatOf({ gitUrl: server.url(name) });
      expect(await list(chat.id)).toEqual([
        expect.objectContaining({ path: 'lib', problem: expect.stringMatching(/.{20}/) }),
      ]);
      expect(await checkOut(chat.id, 'lib')).toMatchObject({ status: 'FAILED', errorCode: 'SUBMODULE_REFUSED' });
    },
    60_000,
  );

  it('cannot be anywhere else, neither by their path nor by their name nor through a link', async () => {
    const lib = await library('escape/lib.git', { 'evil.txt': 'evil\n' });
    const outside = await mkdtemp(join(tmpdir(), 'kosuke-test-outside-'));
    const url = '../lib.git';
    await superproject('escape/shop.git', [
      { path: 'lib', url, sha: lib.sha },
      { path: '../up', url, sha: lib.sha },
      { path: '/abs', url, sha: lib.sha },
      { path: '.git/hooks', url, sha: lib.sha },
      { path: '.GIT/modules', url, sha: lib.sha },
      { path: '-option', url, sha: lib.sha },
      { name: '../../x', path: 'named', url, sha: lib.sha },
    ]);
    const chat = await chatOf({ gitUrl: server.url('escape/shop.git') });
    expect((await list(chat.id)).map(({ path }: { path: string }) => path)).toEqual(['lib']);
    for (const path of ['../up', '.git/hooks', 'named', 'nothing']) {
      expect(await checkOut(chat.id, path)).toMatchObject({ status: 'FAILED', errorCode: 'NOT_FOUND' });
    }
    await rm(join(chat.path, 'lib'), { recursive: true, force: true });
    await symlink(outside, join(chat.path, 'lib'));
    expect(await checkOut(chat.id, 'lib')).toMatchObject({ status: 'FAILED', errorCode: 'drifted' });
    expect(await readdir(outside)).toEqual([]);
    await rm(join(chat.path, 'lib'));
    expect(await checkOut(chat.id, 'lib')).toMatchObject({ status: 'SUCCEEDED' });
    await rm(outside, { recursive: true });
  }, 60_000);

  it('beside a local repository are refused: they would be folders of the server', async () => {
    const secret = await makeRepository({ 'secret.txt': 'secret\n' });
    fixtures.push(secret);
    const shop = await superproject('local/shop.git', [
      { path: 'lib', url: `../${secret.path.split('/').at(-1)}`, sha: await git(secret.path, 'rev-parse', 'HEAD') },
    ]);
    const chat = await chatOf({ localPath: shop.path });
    expect(await list(chat.id)).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('folder of the server') }),
    ]);
    expect(await checkOut(chat.id, 'lib')).toMatchObject({ errorCode: 'SUBMODULE_REFUSED' });
    expect(existsSync(join(chat.path, 'lib/secret.txt'))).toBe(false);
  }, 60_000);

  it('whose commit is nowhere, or whose server does not answer, say so', async () => {
    const lib = await library('gone/lib.git', { 'lib.txt': 'lib\n' });
    await superproject('gone/shop.git', [
      { path: 'lib', url: '../lib.git', sha: '2'.repeat(40) },
      { path: 'none', url: '../nothing.git', sha: lib.sha },
    ]);
    const chat = await chatOf({ gitUrl: server.url('gone/shop.git') });
    expect(await checkOut(chat.id, 'lib')).toMatchObject({
      errorCode: 'NOT_FOUND',
      errorMessage: expect.stringContaining('222222222222'),
    });
    expect(await checkOut(chat.id, 'none')).toMatchObject({ errorCode: 'not-found' });
    await mkdir(join(chat.path, 'none'), { recursive: true });
    expect(await readdir(join(chat.path, 'none'))).toEqual([]);
  }, 60_000);
});
