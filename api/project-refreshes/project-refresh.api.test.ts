import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conversation, newProject, newSession, talk } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { type GitServer, startGitServer } from '../test/git-server.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
let server: GitServer;
let source: Fixture;

beforeAll(async () => {
  server = await startGitServer();
  kit = await startTestApp({ KOSUKE_ALLOW_PRIVATE_ADDRESSES: 'true' });
}, 60_000);

beforeEach(async () => {
  source = await makeRepository({ 'a.txt': 'a\n' });
});

afterEach(() => source.remove());

afterAll(async () => {
  await kit?.close();
  await server?.close();
});

async function commit(file: string): Promise<string> {
  await writeFile(join(source.path, file), `${file}\n`);
  await git(source.path, 'add', '--all');
  await git(source.path, 'commit', '--quiet', `--message=${file}`);
  return git(source.path, 'rev-parse', 'HEAD');
}

const refresh = async (id: string) =>
  (
    await kit.ask(
      `mutation ($id: ID!) {
         refreshProject(id: $id) {
           __typename
           ... on ProjectRefresh { id status movedCount newDefaultBranch errorCode errorMessage movedBranches { name kind oldSha newSha } }
           ... on UserError { code message }
         }
       }`,
      { id },
    )
  ).refreshProject;

const project = async (id: string) =>
  (
    await kit.ask(
      'query ($id: ID!) { project(id: $id) { status defaultBranch branches { name commitSha isDefault } latestRefresh { status } } }',
      { id },
    )
  ).project;

/** A project is ready once something was said in it. */
async function readyProject(input: Record<string, unknown>): Promise<string> {
  const id = await newProject(kit, input);
  await talk(kit, (await newSession(kit, id)).id, '!true');
  return id;
}

describe('refreshing a project', () => {
  it('brings what is new in a local repository, and new chats start from it', async () => {
    const id = await readyProject({ localPath: source.path });
    const old = await newSession(kit, id, 'Old');
    await talk(kit, old.id, '!echo mine > mine.txt');
    const before = await git(source.path, 'rev-parse', 'HEAD');
    const after = await commit('b.txt');
    await git(source.path, 'branch', 'side');

    expect(await refresh(id)).toMatchObject({
      status: 'SUCCEEDED',
      movedCount: 2,
      newDefaultBranch: null,
      movedBranches: [
        { name: 'main', kind: 'ADVANCED', oldSha: before, newSha: after },
        { name: 'side', kind: 'CREATED', oldSha: null, newSha: after },
      ],
    });
    const { branches, latestRefresh } = await project(id);
    expect(branches).toContainEqual({ name: 'main', commitSha: after, isDefault: true });
    expect(branches).toContainEqual({ name: old.branch, commitSha: expect.any(String), isDefault: false });
    expect(latestRefresh).toEqual({ status: 'SUCCEEDED' });
    const fresh = await newSession(kit, id, 'New');
    await talk(kit, fresh.id, '!ls');
    const { messages, workspace } = await conversation(kit, fresh.id);
    expect(messages.nodes[1].parts[0].output).toBe('a.txt\nb.txt\n');
    expect(workspace.headSha).toBe(after);
    // What is under way stays where it was.
    const said = await talk(kit, old.id, '!ls');
    expect(said.map(({ text }) => text ?? '').join('')).not.toContain('b.txt');
  }, 60_000);

  it('brings what is new on a git server, also when it was pushed by force', async () => {
    const path = await server.create('shop.git');
    const push = () => git(source.path, 'push', '--quiet', '--mirror', path);
    const before = await commit('b.txt');
    await push();
    const id = await readyProject({ gitUrl: server.url('shop.git') });
    await git(source.path, 'commit', '--quiet', '--amend', '--message=Other');
    const after = await git(source.path, 'rev-parse', 'HEAD');
    await push();
    expect((await refresh(id)).movedBranches).toEqual([
      { name: 'main', kind: 'REWRITTEN', oldSha: before, newSha: after },
    ]);
  }, 60_000);

  it('follows the source when the default branch is gone there, and tells', async () => {
    const id = await readyProject({ localPath: source.path });
    await git(source.path, 'branch', '--move', 'trunk');
    expect(await refresh(id)).toMatchObject({
      newDefaultBranch: 'trunk',
      movedBranches: [
        { name: 'main', kind: 'DELETED' },
        { name: 'trunk', kind: 'CREATED' },
      ],
    });
    expect((await project(id)).defaultBranch).toBe('trunk');
    const seen = await talk(kit, (await newSession(kit, id)).id, '!ls');
    expect(seen.map(({ text }) => text ?? '').join('')).toContain('a.txt');
  }, 60_000);

  it('fails with the reason when the source is gone, and works again when it is back', async () => {
    const id = await readyProject({ localPath: source.path });
    await rename(source.path, `${source.path}-away`);
    expect(await refresh(id)).toMatchObject({
      status: 'FAILED',
      errorCode: 'not-a-repository',
      errorMessage: expect.stringMatching(/.{20}/),
    });
    expect(await project(id)).toMatchObject({ status: 'READY', latestRefresh: { status: 'FAILED' } });
    await rename(`${source.path}-away`, source.path);
    expect(await refresh(id)).toMatchObject({ status: 'SUCCEEDED', movedCount: 0 });
  }, 60_000);

  it('is one refresh when two ask at once', async () => {
    const id = await readyProject({ localPath: source.path });
    await commit('b.txt');
    const ended = await Promise.all([refresh(id), refresh(id), refresh(id)]);
    const moved = ended.filter(({ movedCount }) => movedCount === 1);
    expect(new Set(moved.map((one) => one.id)).size).toBe(1);
    expect(ended.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
  }, 60_000);

  it('is refused where there is no source, and for projects that are not there', async () => {
    const id = await readyProject({ template: 'EMPTY' });
    expect(await refresh(id)).toMatchObject({ __typename: 'Conflict', code: 'NO_SOURCE' });
    expect(await refresh('999999')).toMatchObject({ code: 'NOT_FOUND' });
  }, 60_000);
});
