import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newProject, newSession, type SeenEvent, talk } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
const fixtures: Fixture[] = [];

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(async () => {
  await kit?.close();
  for (const fixture of fixtures) await fixture.remove();
});

async function repository(files?: Record<string, string>, branch?: string): Promise<Fixture> {
  const fixture = await makeRepository(files, branch);
  fixtures.push(fixture);
  return fixture;
}

const project = async (id: string) =>
  (
    await kit.ask(
      `query ($id: ID!) { project(id: $id) {
         id name description sourceKind source status statusMessage defaultBranch branches { name commitSha isDefault isSessionBranch }
       } }`,
      { id },
    )
  ).project;

/** Waits until its preparation has ended one way or the other. */
async function prepared(id: string): Promise<SeenEvent> {
  const stream = kit.watch('subscription { projectChanged { projectId kind project { status } } }');
  const changed = stream.next();
  for (;;) {
    const now = await project(id);
    if (now.status !== 'PREPARING') {
      await stream.return?.();
      return now;
    }
    await Promise.race([changed, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}

const create = async (input: Record<string, unknown>) =>
  (
    await kit.ask(
      `mutation ($input: CreateProjectInput!) { createProject(input: $input) {
         __typename ... on Project { id name } ... on UserError { code message } ... on InvalidInput { field } } }`,
      { input },
    )
  ).createProject;

describe('adding a project', () => {
  it('takes a repository from a local path, with its branches, and names it after the folder', async () => {
    const source = await repository({ 'a.txt': 'a\n' }, 'trunk');
    await git(source.path, 'branch', 'other');
    const id = await newProject(kit, { localPath: source.path });
    expect(await prepared(id)).toMatchObject({
      name: source.path.split('/').at(-1),
      sourceKind: 'LOCAL_PATH',
      source: source.path,
      status: 'READY',
      defaultBranch: 'trunk',
      branches: [
        { name: 'other', isDefault: false, isSessionBranch: false },
        { name: 'trunk', isDefault: true, commitSha: await git(source.path, 'rev-parse', 'trunk') },
      ],
    });
  }, 60_000);

  it.each([
    ['EMPTY', 'README.md'],
    ['STATIC_WEB_PAGE', 'index.html'],
  ])(
    'makes a new one from the template %s',
    async (template, file) => {
      const id = await newProject(kit, { template, name: 'Fresh' });
      expect(await prepared(id)).toMatchObject({ name: 'Fresh', status: 'READY', defaultBranch: 'main' });
      const session = await newSession(kit, id);
      const seen = await talk(kit, session.id, `!ls`);
      expect(seen.map(({ text }) => text ?? '').join('')).toContain(file);
    },
    60_000,
  );

  it('waits for its preparation when something is said at once', async () => {
    const source = await repository({ 'b.txt': 'b\n' }, 'develop');
    const id = await newProject(kit, { localPath: source.path });
    const session = await newSession(kit, id);
    const seen = await talk(kit, session.id, '!git branch --show-current; cat b.txt');
    expect(seen.at(-1).run.status).toBe('SUCCEEDED');
    expect(seen.map(({ text }) => text ?? '').join('')).toContain('b\n');
  }, 60_000);

  it.each([
    ['a file URL', { gitUrl: 'file:///etc' }],
    ['a remote helper', { gitUrl: 'ext::sh -c id' }],
    ['an option', { gitUrl: '--upload-pack=id' }],
    ['credentials in the URL', { gitUrl: 'https://me:hush-hush@example.com/a.git' }],
    ['a private address', { gitUrl: 'https://127.0.0.1/a.git' }],
    ['a private address in other clothes', { gitUrl: 'https://0x7f.1/a.git' }],
    ['a relative path', { localPath: 'some/where' }],
    ['a path that is not there', { localPath: '/nowhere/at/all' }],
    ['two sources at once', { template: 'EMPTY', localPath: '/tmp' }],
    ['no source', { name: 'x' }],
  ])('refuses %s and says why', async (_, input) => {
    const refused = await create(input);
    expect(refused).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/.{15}/) });
    expect(JSON.stringify(refused)).not.toContain('hush-hush');
  });

  it('refuses a folder that is no repository', async () => {
    const path = await mkdtemp(join(tmpdir(), 'kosuke-test-folder-'));
    fixtures.push({ path, remove: () => rm(path, { recursive: true }) });
    await writeFile(join(path, 'a'), 'a');
    expect(await create({ localPath: path })).toMatchObject({ __typename: 'SourceRefused' });
  });

  it('says why it failed when the source is gone, and can be tried again', async () => {
    const source = await makeRepository();
    const moved = await kit.ask(
      'mutation ($input: CreateProjectInput!) { createProject(input: $input) { ... on Project { id } } }',
      {
        input: { localPath: source.path },
      },
    );
    const { id } = moved.createProject;
    await prepared(id);
    const { retryProject } = await kit.ask(
      'mutation ($id: ID!) { retryProject(id: $id) { __typename ... on UserError { code } } }',
      { id },
    );
    expect(retryProject).toEqual({ __typename: 'Conflict', code: 'NOT_FAILED' });
    await source.remove();
  }, 60_000);
});

describe('the life of a project', () => {
  it('can be renamed, and be put away with its sessions', async () => {
    const source = await repository();
    const id = await newProject(kit, { localPath: source.path });
    const session = await newSession(kit, id);
    const { updateProject } = await kit.ask(
      'mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { ... on Project { name description } } }',
      { input: { id, name: 'Shop', description: 'Sells things' } },
    );
    expect(updateProject).toEqual({ name: 'Shop', description: 'Sells things' });
    const { deleteProject } = await kit.ask(
      'mutation ($id: ID!) { deleteProject(id: $id) { ... on DeleteProjectSuccess { projectId } } }',
      { id },
    );
    expect(deleteProject).toEqual({ projectId: id });
    expect(await project(id)).toBeNull();
    expect(
      (await kit.ask('query ($id: ID!) { chatSession(id: $id) { id } }', { id: session.id })).chatSession,
    ).toBeNull();
    const { projects } = await kit.ask('{ projects { nodes { id } } }');
    expect(projects.nodes).not.toContainEqual({ id });
    expect(await git(source.path, 'log', '--format=%s')).toBe('First');
  }, 60_000);

  it('refuses to work for nobody', async () => {
    const { errors, data } = await kit.answer('{ projects { nodes { id } } }', {}, {});
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect((await kit.answer('{ viewer { id } }', {}, {})).data).toEqual({ viewer: null });
  });
});
