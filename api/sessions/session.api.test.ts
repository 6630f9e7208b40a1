import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { conversation, newProject, newSession, type SeenEvent, send, talk } from '../test/conversation.ts';
import { firstOf, startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(() => kit?.close());

const RESULT = '... on ChatSession { id title description status deletedAt } ... on UserError { code message }';

const remove = async (id: string) =>
  (await kit.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename ... on UserError { code } } }', { id }))
    .deleteChatSession;

const change = async (field: string, id: string) => {
  const data = await kit.ask(
    `mutation ($id: ID!) { ${field}(id: $id) { __typename ... on ChatSession { id status deletedAt } ... on UserError { code } } }`,
    { id },
  );
  return data[field];
};

const list = async (projectId: string, args = '') => {
  const { project } = await kit.ask(
    `query ($id: ID!) { project(id: $id) { sessions${args} { totalCount nodes { id title isDefault unreadCount } pageInfo { hasNextPage endCursor } } } }`,
    { id: projectId },
  );
  return project.sessions;
};

const titles = (sessions: SeenEvent) => sessions.nodes.map(({ title }: SeenEvent) => title);

describe('creating a session', () => {
  it('gives it an unguessable id, the branch named after it, and a workspace of its own', async () => {
    const projectId = await newProject(kit);
    const session = await newSession(kit, projectId, 'First');
    expect(session.id).toMatch(/^[a-z0-9]{12}$/);
    expect(session.branch).toBe(`kosuke-chat-${session.id}`);
    await talk(kit, session.id, '!pwd');
    expect((await conversation(kit, session.id)).workspace).toMatchObject({
      status: 'READY',
      headSha: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect((await stat(join(kit.dataDir, 'projects', projectId, 'sessions', session.id, '.git'))).isDirectory()).toBe(
      true,
    );
  }, 60_000);

  it('makes the first one of a project its default, even when many are made at once', async () => {
    const projectId = await newProject(kit);
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, index) => newSession(kit, projectId, `Chat ${index}`)),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(10);
    expect((await list(projectId)).nodes.filter(({ isDefault }: SeenEvent) => isDefault)).toHaveLength(1);
  }, 60_000);

  it('makes one session of the same clientMutationId sent twice', async () => {
    const projectId = await newProject(kit);
    const create = () =>
      kit.ask(
        'mutation ($input: CreateChatSessionInput!) { createChatSession(input: $input) { ... on ChatSession { id } } }',
        {
          input: { projectId, title: 'Once', clientMutationId: 'once' },
        },
      );
    const [first, second] = await Promise.all([create(), create()]);
    expect(second).toEqual(first);
    expect((await list(projectId)).totalCount).toBe(1);
  }, 60_000);

  it.each([
    [{ title: '  ' }, 'INVALID_INPUT', 'title'],
    [{ title: 'x'.repeat(101) }, 'INVALID_INPUT', 'title'],
    [{ title: 'x', agent: 'nobody' }, 'INVALID_INPUT', 'agent'],
    [{ title: 'x', projectId: '999999' }, 'NOT_FOUND', undefined],
  ])('refuses %j with a reason', async (input, code, field) => {
    const projectId = await newProject(kit);
    const { createChatSession } = await kit.ask(
      `mutation ($input: CreateChatSessionInput!) {
         createChatSession(input: $input) { __typename ... on UserError { code message } ... on InvalidInput { field } }
       }`,
      { input: { projectId, ...input } },
    );
    expect(createChatSession).toMatchObject({ code, ...(field ? { field } : {}) });
    expect(createChatSession.message.length).toBeGreaterThan(10);
  });
});

describe('a list of sessions', () => {
  it('shows where something was said last first, and pages without a gap', async () => {
    const projectId = await newProject(kit);
    const made: string[] = [];
    for (const title of ['a', 'b', 'c', 'd', 'e']) made.push((await newSession(kit, projectId, title)).id);
    await send(kit, made[1] ?? '', '!true');
    expect(titles(await list(projectId))).toEqual(['b', 'e', 'd', 'c', 'a']);
    const first = await list(projectId, '(first: 2)');
    const second = await list(projectId, `(first: 2, after: "${first.pageInfo.endCursor}")`);
    const third = await list(projectId, `(first: 2, after: "${second.pageInfo.endCursor}")`);
    expect([first, second, third].flatMap(titles)).toEqual(['b', 'e', 'd', 'c', 'a']);
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
    expect(titles(await list(projectId, '(orderBy: TITLE)'))).toEqual(['a', 'b', 'c', 'd', 'e']);
  }, 60_000);

  it('filters by status and by text, in which % and _ are letters like others', async () => {
    const projectId = await newProject(kit);
    const plain = await newSession(kit, projectId, 'Checkout rounding');
    await newSession(kit, projectId, '100% done_now');
    await change('archiveChatSession', plain.id);
    expect(titles(await list(projectId, '(filter: { status: ACTIVE })'))).toEqual(['100% done_now']);
    expect(titles(await list(projectId, '(filter: { status: ARCHIVED })'))).toEqual(['Checkout rounding']);
    expect(titles(await list(projectId, '(filter: { search: "ROUND" })'))).toEqual(['Checkout rounding']);
    expect(titles(await list(projectId, '(filter: { search: "0%" })'))).toEqual(['100% done_now']);
    expect(titles(await list(projectId, '(filter: { search: "e_n" })'))).toEqual(['100% done_now']);
    expect(titles(await list(projectId, '(filter: { search: "%%" })'))).toEqual([]);
  }, 60_000);

  it('takes the filter from variables as well as from the document', async () => {
    const projectId = await newProject(kit);
    await newSession(kit, projectId, 'Active one');
    const { project } = await kit.ask(
      'query ($id: ID!, $filter: ChatSessionFilter) { project(id: $id) { sessions(first: 5, filter: $filter) { nodes { title } } } }',
      { id: projectId, filter: { status: 'ACTIVE' } },
    );
    expect(project.sessions.nodes).toEqual([{ title: 'Active one' }]);
  });

  it('counts unread messages, not events, until they are marked as read', async () => {
    const projectId = await newProject(kit);
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!for i in 1 2 3; do echo $i; sleep 0.05; done');
    expect((await list(projectId)).nodes[0].unreadCount).toBe(1);
    await kit.ask('mutation ($id: ID!) { markChatSessionRead(id: $id) { __typename } }', { id: session.id });
    expect((await list(projectId)).nodes[0].unreadCount).toBe(0);
    await kit.ask('mutation ($id: ID!) { markChatSessionRead(id: $id, upToMessageNumber: 0) { __typename } }', {
      id: session.id,
    });
    expect((await list(projectId)).nodes[0].unreadCount).toBe(0);
  }, 60_000);
});

describe('the life of a session', () => {
  it('can be renamed and described; the branch keeps its name', async () => {
    const session = await newSession(kit, await newProject(kit), 'Old');
    const { updateChatSession } = await kit.ask(
      `mutation ($input: UpdateChatSessionInput!) { updateChatSession(input: $input) { ${RESULT} } }`,
      {
        input: { id: session.id, title: ' New ', description: 'What it is about' },
      },
    );
    expect(updateChatSession).toMatchObject({ title: 'New', description: 'What it is about' });
    expect((await conversation(kit, session.id)).branch).toBe(session.branch);
  });

  it('goes to the archive and back; nothing can be said in it meanwhile', async () => {
    const session = await newSession(kit, await newProject(kit));
    expect(await change('archiveChatSession', session.id)).toMatchObject({ status: 'ARCHIVED' });
    await expect(send(kit, session.id, 'Hello')).rejects.toThrow('SESSION_NOT_ACTIVE');
    expect(await change('unarchiveChatSession', session.id)).toMatchObject({ status: 'ACTIVE' });
    expect(await change('completeChatSession', session.id)).toMatchObject({ status: 'COMPLETED' });
  });

  it('goes to the trash with what runs in it stopped, and comes back with all its words', async () => {
    const projectId = await newProject(kit);
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!echo kept');
    await send(kit, session.id, '!sleep 600');
    expect(await remove(session.id)).toEqual({ __typename: 'DeleteChatSessionSuccess' });
    expect((await list(projectId)).totalCount).toBe(0);
    expect((await list(projectId, '(filter: { inTrash: true })')).totalCount).toBe(1);
    expect(await change('restoreChatSession', session.id)).toMatchObject({ id: session.id, deletedAt: null });
    expect((await conversation(kit, session.id)).messages.nodes[1].parts[0].output).toBe('kept\n');
    await talk(kit, session.id, '!echo alive');
  }, 60_000);

  it('is remembered as the selected one of its project', async () => {
    const projectId = await newProject(kit);
    const [one, two] = [await newSession(kit, projectId, 'One'), await newSession(kit, projectId, 'Two')];
    await change('selectChatSession', one.id);
    await change('selectChatSession', two.id);
    const selected = async () =>
      (await kit.ask('query ($id: ID!) { project(id: $id) { selectedSession { title } } }', { id: projectId })).project
        .selectedSession;
    expect(await selected()).toEqual({ title: 'Two' });
    await remove(two.id);
    expect(await selected()).toBeNull();
  });

  it.each(['archiveChatSession', 'restoreChatSession', 'selectChatSession'])(
    '%s of none is NOT_FOUND',
    async (field) => {
      expect(await change(field, 'nosuchsession')).toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  it('tells everyone who watches the project', async () => {
    const projectId = await newProject(kit);
    const stream = kit.watch(
      'subscription ($id: ID!) { chatSessionChanged(projectId: $id) { kind chatSessionId chatSession { title status } } }',
      { id: projectId },
    );
    const session = await newSession(kit, projectId, 'Watched');
    const first = await firstOf(stream, () =>
      change('selectChatSession', session.id).then(() => newSession(kit, projectId, 'Another')),
    );
    expect(first.chatSessionChanged.kind).toBe('CREATED');
    await change('archiveChatSession', session.id);
    for await (const { chatSessionChanged } of stream) {
      if (chatSessionChanged.chatSessionId === session.id && chatSessionChanged.chatSession.status === 'ARCHIVED')
        break;
    }
  }, 60_000);
});
