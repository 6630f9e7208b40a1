import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, readlink, rename, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { rerun, setUp, updateSetup } from '../test/setup.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

jest.setTimeout(60_000);

let app: TestApp;
let projectId: string;
let repository: Fixture;
const fixtures: Fixture[] = [];

/** Makes its dependencies when they are not there, and says whether they were. */
const SCRIPT = `
if test -d node_modules; then echo "there: $(cat node_modules/a/index.js)"; exit 0; fi
mkdir -p node_modules/a node_modules/.bin
echo made > node_modules/a/index.js
chmod 755 node_modules/a/index.js
ln -s ../a/index.js node_modules/.bin/a
ln -s /etc/hostname node_modules/outside
touch -d 2001-02-03 node_modules/a/index.js
chmod 555 node_modules/a
echo installed
`;

beforeAll(async () => {
  app = await startTestApp({ KOSUKE_SETUP_CACHES: '2' });
}, 60_000);
beforeEach(async () => {
  projectId = await newLockedProject();
});
afterAll(async () => {
  // Folders that nobody may write to cannot be removed as they are.
  if (app) await promisify(execFile)('chmod', ['-R', 'u+w', app.dataDir]);
  await app?.close();
  for (const fixture of fixtures) await fixture.remove();
});

async function newLockedProject(): Promise<string> {
  repository = await makeRepository({ 'package-lock.json': '{}', '.gitignore': 'node_modules\n' });
  fixtures.push(repository);
  const id = await newProject(app, { localPath: repository.path });
  await updateSetup(app, id, { script: SCRIPT });
  return id;
}

const place = (...path: string[]) => join(app.dataDir, 'projects', projectId, ...path);
const workspace = (sessionId: string, ...path: string[]) => place('sessions', sessionId, ...path);
const entries = async () => (await readdir(place('caches')).catch(() => [])).filter((name) => !name.startsWith('.'));

async function setUpNew(baseBranch?: string) {
  const { createChatSession: session } = await app.ask(
    'mutation ($input: CreateChatSessionInput!) { createChatSession(input: $input) { ... on ChatSession { id branch } } }',
    { input: { projectId, title: 'A chat', baseBranch } },
  );
  return { session, setup: await setUp(app, session.id) };
}

describe('the dependencies that a setup made', () => {
  it('are there in the next workspace before its script begins, as they were made', async () => {
    expect((await setUpNew()).setup).toMatchObject({ cacheUse: 'SAVED', log: 'installed\n' });
    const { session, setup } = await setUpNew();
    expect(setup).toMatchObject({ status: 'SUCCEEDED', cacheUse: 'RESTORED', log: 'there: made\n' });
    const file = await stat(workspace(session.id, 'node_modules/a/index.js'));
    expect([file.mode & 0o777, file.mtime.getFullYear(), file.nlink]).toEqual([0o755, 2001, 1]);
    expect((await stat(workspace(session.id, 'node_modules/a'))).mode & 0o777).toBe(0o555);
    expect(await readlink(workspace(session.id, 'node_modules/.bin/a'))).toBe('../a/index.js');
    // What a link leads to is never read: it stays a link.
    expect((await lstat(workspace(session.id, 'node_modules/outside'))).isSymbolicLink()).toBe(true);
  });

  it('are each workspace’s own: what an agent writes into them reaches no other', async () => {
    const { session } = await setUpNew();
    await talk(app, session.id, '!chmod 755 node_modules/a; echo evil > node_modules/a/index.js');
    expect((await setUpNew()).setup.log).toBe('there: made\n');
  });

  it('are made anew when a lock file, the script or a variable is another one', async () => {
    await setUpNew();
    await updateSetup(app, projectId, { script: `${SCRIPT}# changed` });
    expect((await setUpNew()).setup.cacheUse).toBe('SAVED');
    await app.ask(
      'mutation ($input: SetEnvironmentVariableInput!) { setEnvironmentVariable(input: $input) { __typename } }',
      { input: { projectId, name: 'MODE', value: 'small', isSecret: false } },
    );
    expect((await setUpNew()).setup.cacheUse).toBe('SAVED');
    await git(repository.path, 'checkout', '--quiet', '-b', 'other');
    await mkdir(join(repository.path, 'packages/b'), { recursive: true });
    await writeFile(join(repository.path, 'packages/b/yarn.lock'), 'b@1');
    await git(repository.path, 'add', '--all');
    await git(repository.path, 'commit', '--quiet', '--message=Nested lock');
    projectId = await newProject(app, { localPath: repository.path });
    await updateSetup(app, projectId, { script: SCRIPT });
    expect((await setUpNew()).setup.cacheUse).toBe('SAVED');
    expect((await setUpNew('main')).setup.cacheUse).toBe('MISSED');
  });

  it('are not looked for without a lock file, a script or a folder name', async () => {
    await updateSetup(app, projectId, { cachedFolders: [] });
    expect((await setUpNew()).setup).toMatchObject({ cacheUse: 'NONE', log: 'installed\n' });
    projectId = await newProject(app);
    await updateSetup(app, projectId, { script: SCRIPT });
    expect((await setUpNew()).setup).toMatchObject({ cacheUse: 'NONE', log: 'installed\n' });
  });

  it('of a failed setup are not kept, and those a setup failed with are thrown away', async () => {
    await updateSetup(app, projectId, {
      script: 'test -d node_modules && exit 9; mkdir node_modules; test -e fail && exit 1; true',
    });
    expect((await setUpNew()).setup.cacheUse).toBe('SAVED');
    expect((await setUpNew()).setup).toMatchObject({ status: 'FAILED', cacheUse: 'RESTORED', exitCode: 9 });
    expect(await entries()).toEqual([]);
    await updateSetup(app, projectId, { script: 'mkdir node_modules; exit 1' });
    expect((await setUpNew()).setup).toMatchObject({ status: 'FAILED', cacheUse: 'MISSED' });
    expect(await entries()).toEqual([]);
  });

  it('are those of one project and never those of another', async () => {
    await setUpNew();
    const first = await entries();
    projectId = await newLockedProject();
    expect((await setUpNew()).setup).toMatchObject({ cacheUse: 'SAVED', log: 'installed\n' });
    expect(await entries()).toEqual(first);
  });
});

describe('the cache of dependencies is not filled by what an agent may have touched', () => {
  it('such as a workspace in which a message was answered', async () => {
    await updateSetup(app, projectId, { script: 'exit 1' });
    const { session } = await setUpNew();
    await updateSetup(app, projectId, { script: SCRIPT });
    await talk(app, session.id, '!true');
    await rerun(app, session.id);
    expect(await setUp(app, session.id)).toMatchObject({ status: 'SUCCEEDED', cacheUse: 'MISSED', log: 'installed\n' });
    expect(await entries()).toEqual([]);
  });

  it('or a chat that begins at the branch of another chat', async () => {
    await updateSetup(app, projectId, { script: 'exit 1' });
    const { session } = await setUpNew();
    await talk(app, session.id, '!echo "{\\"scripts\\": {}}" > package.json');
    await updateSetup(app, projectId, { script: SCRIPT });
    expect((await setUpNew(session.branch)).setup).toMatchObject({ status: 'SUCCEEDED', cacheUse: 'MISSED' });
    expect(await entries()).toEqual([]);
  });
});

describe('an entry of the cache', () => {
  it('goes when there are more than are allowed, the one not used for longest first', async () => {
    const keys: string[] = [];
    for (const script of [SCRIPT, `${SCRIPT}# b`]) {
      await updateSetup(app, projectId, { script });
      await setUpNew();
      keys.push(...(await entries()).filter((key) => !keys.includes(key)));
    }
    // The second one was not used for longest, for the first is used once more.
    await utimes(place('caches', keys[1] as string), new Date(0), new Date(1_000));
    await utimes(place('caches', keys[0] as string), new Date(0), new Date(0));
    await updateSetup(app, projectId, { script: SCRIPT });
    expect((await setUpNew()).setup.cacheUse).toBe('RESTORED');
    await updateSetup(app, projectId, { script: `${SCRIPT}# c` });
    await setUpNew();
    expect(await entries()).toHaveLength(2);
    expect(await entries()).toContain(keys[0]);
    expect(await entries()).not.toContain(keys[1]);
  });

  it('that is torn or half made is not used', async () => {
    await setUpNew();
    const [key = ''] = await entries();
    await truncate(place('caches', key, 'tree/0/a/index.js'), 1);
    expect((await setUpNew()).setup).toMatchObject({ cacheUse: 'SAVED', log: 'installed\n' });
    expect((await setUpNew()).setup.log).toBe('there: made\n');
    await rename(place('caches', key, 'manifest.json'), place('caches', key, 'elsewhere'));
    expect((await setUpNew()).setup).toMatchObject({ status: 'SUCCEEDED', log: 'installed\n' });
  });

  it('that was being made when the server was killed is cleared away at the next start', async () => {
    const first = await startTestApp();
    const id = await newProject(first);
    await newSession(first, id);
    const half = join(first.dataDir, 'projects', id, 'caches', '.preparing-abc');
    await mkdir(join(half, 'tree'), { recursive: true });
    const again = await first.restart();
    expect(existsSync(half)).toBe(false);
    await again.close();
  });

  it('leaves a folder alone that the workspace has already', async () => {
    await updateSetup(app, projectId, { script: 'mkdir -p vendor node_modules; echo setup > vendor/x; cat vendor/x' });
    await setUpNew();
    const { session } = await setUpNew();
    expect(await readFile(workspace(session.id, 'vendor/x'), 'utf8')).toBe('setup\n');
    await talk(app, session.id, '!echo mine > vendor/x; rm -r node_modules');
    await updateSetup(app, projectId, { script: 'mkdir -p vendor node_modules; echo setup > vendor/x; cat vendor/x' });
    await rerun(app, session.id);
    expect((await setUp(app, session.id)).cacheUse).toBe('RESTORED');
    expect(existsSync(workspace(session.id, 'node_modules'))).toBe(true);
  });
});
