import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conversation, newProject, newSession, type SeenEvent, send, talk } from '../test/conversation.ts';
import { git } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(() => kit?.close(), 60_000);

const ERROR = '... on UserError { code message }';

const mutate = async (field: string, args: string, selection: string) =>
  (await kit.ask(`mutation { ${field}(${args}) { __typename ${selection} ${ERROR} } }`))[field];

const trashed = async (id: string, deleteBranch = false) =>
  mutate('deleteChatSession', `id: "${id}", deleteBranch: ${deleteBranch}`, '');

const find = async (id: string) =>
  (await kit.ask('query ($id: ID!) { chatSession(id: $id) { id deletedAt purgeAt trashAt } }', { id })).chatSession;

const inTrash = async (projectId: string): Promise<string[]> => {
  const { project } = await kit.ask(
    'query ($id: ID!) { project(id: $id) { sessions(filter: { inTrash: true }) { nodes { id } } } }',
    { id: projectId },
  );
  return project.sessions.nodes.map(({ id }: SeenEvent) => id);
};

const refs = (projectId: string) =>
  git(join(kit.dataDir, 'projects', projectId, 'main'), 'for-each-ref', '--format=%(refname)');

const folders = (projectId: string, id: string) =>
  ['sessions', 'homes', 'kept'].map((parent) => join(kit.dataDir, 'projects', projectId, parent, id));

async function madeSession(projectId: string) {
  const session = await newSession(kit, projectId);
  await talk(kit, session.id, '!echo hello > hello.txt');
  return session;
}

describe('the trash', () => {
  it('says when it will remove a session, and lets it go back unharmed', async () => {
    const session = await madeSession(await newProject(kit));
    await trashed(session.id, true);
    const { deletedAt, purgeAt } = await find(session.id);
    expect(Date.parse(purgeAt) - Date.parse(deletedAt)).toBe(30 * 86_400_000);
    await mutate('restoreChatSession', `id: "${session.id}"`, '');
    expect(await find(session.id)).toMatchObject({ deletedAt: null, purgeAt: null });
    await talk(kit, session.id, '!cat hello.txt');
    expect((await conversation(kit, session.id)).messages.nodes.at(-1).parts[0].output).toBe('hello\n');
  }, 60_000);

  it('removes what is deleted for good: rows, folders and rescue refs, and keeps the branch', async () => {
    const projectId = await newProject(kit);
    const [gone, kept] = [await madeSession(projectId), await madeSession(projectId)];
    const base = join(kit.dataDir, 'projects', projectId, 'main');
    await git(base, 'update-ref', `refs/kosuke/rescue/${gone.id}/rewind/1`, `refs/heads/${gone.branch}`);
    await git(base, 'update-ref', `refs/kosuke/rescue/${kept.id}/rewind/1`, `refs/heads/${kept.branch}`);
    expect(await mutate('purgeChatSession', `id: "${gone.id}"`, '')).toMatchObject({ code: 'NOT_IN_TRASH' });
    await trashed(gone.id);
    expect(
      await mutate('purgeChatSession', `id: "${gone.id}"`, '... on PurgeChatSessionSuccess { chatSessionId }'),
    ).toEqual({
      __typename: 'PurgeChatSessionSuccess',
      chatSessionId: gone.id,
    });
    expect(await find(gone.id)).toBeNull();
    expect(await inTrash(projectId)).toEqual([]);
    expect(await mutate('restoreChatSession', `id: "${gone.id}"`, '')).toMatchObject({ code: 'NOT_FOUND' });
    await until(() => folders(projectId, gone.id).every((folder) => !existsSync(folder)));
    await until(async () => !(await refs(projectId)).includes(`rescue/${gone.id}`));
    expect(await refs(projectId)).toContain(`refs/heads/${gone.branch}`);
    expect(await refs(projectId)).toContain(`refs/kosuke/rescue/${kept.id}/rewind/1`);
    expect(folders(projectId, kept.id).slice(0, 2).every(existsSync)).toBe(true);
  }, 60_000);

  it('removes the branch, too, when that was asked for at deletion', async () => {
    const projectId = await newProject(kit);
    const [gone, kept] = [await madeSession(projectId), await madeSession(projectId)];
    await trashed(gone.id, true);
    await trashed(kept.id, true);
    await trashed(kept.id, false);
    expect(
      await mutate(
        'emptyTrash',
        `projectId: "${projectId}"`,
        '... on EmptyTrashSuccess { projectId chatSessionCount }',
      ),
    ).toEqual({
      __typename: 'EmptyTrashSuccess',
      projectId,
      chatSessionCount: 2,
    });
    await until(async () => !(await refs(projectId)).includes(gone.branch));
    const names = async () =>
      (
        await kit.ask('query ($id: ID!) { project(id: $id) { branches { name } } }', { id: projectId })
      ).project.branches.map(({ name }: SeenEvent) => name);
    await until(async () => !(await names()).includes(gone.branch));
    expect(await names()).toContain(kept.branch);
    expect(await refs(projectId)).toContain(`refs/heads/${kept.branch}`);
  }, 60_000);

  it('of one who may not see a session is none of theirs', async () => {
    expect(await mutate('purgeChatSession', 'id: "nosuchsession"', '')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await mutate('emptyTrash', 'projectId: "999999"', '')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await mutate('restoreProject', 'id: "999999"', '')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await mutate('purgeProject', 'id: "999999"', '')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells those who watch that a session is gone', async () => {
    const projectId = await newProject(kit);
    const session = await madeSession(projectId);
    await trashed(session.id);
    const stream = kit.watch(
      'subscription ($id: ID!) { chatSessionChanged(projectId: $id) { kind chatSessionId chatSession { id } } }',
      { id: projectId },
    );
    const first = stream.next();
    // The subscription listens once it has told of something.
    const others = setInterval(() => void newSession(kit, projectId), 100);
    await first;
    clearInterval(others);
    await mutate('purgeChatSession', `id: "${session.id}"`, '');
    for await (const { chatSessionChanged } of stream) {
      if (chatSessionChanged.chatSessionId !== session.id) continue;
      expect(chatSessionChanged).toEqual({ kind: 'REMOVED', chatSessionId: session.id, chatSession: null });
      break;
    }
  }, 60_000);
});

describe('a project in the trash', () => {
  const projects = async (inTrashOnly: boolean) =>
    (
      await kit.ask('query ($t: Boolean!) { projects(inTrash: $t) { nodes { id deletedAt purgeAt } } }', {
        t: inTrashOnly,
      })
    ).projects.nodes as { id: string; purgeAt: string | null }[];

  it('stops what runs in it, is listed there, and comes back with its sessions', async () => {
    const projectId = await newProject(kit);
    const session = await madeSession(projectId);
    await send(kit, session.id, '!sleep 600');
    await until(async () => (await conversation(kit, session.id)).latestRun.status === 'RUNNING');
    await mutate('deleteProject', `id: "${projectId}"`, '');
    expect((await projects(true)).find(({ id }) => id === projectId)?.purgeAt).toEqual(expect.any(String));
    expect((await projects(false)).map(({ id }) => id)).not.toContain(projectId);
    expect(await mutate('restoreProject', `id: "${projectId}"`, '... on Project { id deletedAt }')).toMatchObject({
      id: projectId,
      deletedAt: null,
    });
    await until(async () => (await conversation(kit, session.id)).latestRun.status === 'CANCELLED');
    await talk(kit, session.id, '!cat hello.txt');
  }, 60_000);

  it('is gone for good when that is asked for, and only from the trash', async () => {
    const projectId = await newProject(kit);
    await madeSession(projectId);
    expect(await mutate('purgeProject', `id: "${projectId}"`, '')).toMatchObject({ code: 'NOT_IN_TRASH' });
    await mutate('deleteProject', `id: "${projectId}"`, '');
    expect(await mutate('purgeProject', `id: "${projectId}"`, '... on PurgeProjectSuccess { projectId }')).toEqual({
      __typename: 'PurgeProjectSuccess',
      projectId,
    });
    expect((await projects(true)).map(({ id }) => id)).not.toContain(projectId);
    expect(await mutate('restoreProject', `id: "${projectId}"`, '')).toMatchObject({ code: 'NOT_FOUND' });
    await until(() => !existsSync(join(kit.dataDir, 'projects', projectId)));
  }, 60_000);
});
