import { chmod, lstat, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { conversation, newProject, newSession, type SeenEvent, talk } from '../test/conversation.ts';
import { CutOff } from '../test/cut-off.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

const cutOff = new CutOff();
let kit: TestApp;
let source: Fixture;

beforeAll(async () => {
  kit = await startTestApp({}, undefined, { checkpoint: cutOff.checkpoint });
}, 60_000);

afterEach(() => source.remove());
afterAll(() => kit?.close());

const block = (path: string, content: string) => `\`\`\`txt ${path}\n${content}\n\`\`\``;

/** A chat that is behind its base and has something that is not committed. */
async function begin(ours: string): Promise<{ id: string; path: string; basePath: string; branch: string }> {
  source = await makeRepository({ 'f.txt': 'common\n', 'g.txt': 'g\n' });
  const projectId = await newProject(kit, { localPath: source.path });
  const { id, branch } = await newSession(kit, projectId);
  await talk(kit, id, block(ours, 'ours'));
  await writeFile(join(source.path, 'f.txt'), 'theirs\n');
  await git(source.path, 'commit', '--quiet', '--all', '--message=Theirs');
  await kit.ask('mutation ($id: ID!) { refreshProject(id: $id) { __typename } }', { id: projectId });
  const project = join(kit.dataDir, 'projects', projectId);
  const path = join(project, 'sessions', id);
  await writeFile(join(path, 'untracked'), 'not committed\n');
  await chmod(join(path, 'untracked'), 0o755);
  await writeFile(join(path, 'g.txt'), 'not committed\n');
  return { id, branch, path, basePath: join(project, 'main') };
}

const update = (id: string) =>
  kit.ask(
    `mutation ($id: ID!) { updateFromBase(input: { chatSessionId: $id, strategy: MERGE }) { ... on WorkspaceOperation { baseUpdate { id status } } } }`,
    { id },
  );

const latest = async (id: string): Promise<SeenEvent> =>
  (
    await kit.ask(
      `query ($id: ID!) { chatSession(id: $id) { latestOperation { status } latestRun { status } latestBaseUpdate { id status unresolvedCount isWithAgent } } }`,
      { id },
    )
  ).chatSession;

async function untilStatus(id: string, status: string): Promise<void> {
  for (;;) {
    const { latestBaseUpdate, latestOperation } = await latest(id);
    if (latestBaseUpdate.status === status && latestOperation.status === 'SUCCEEDED') return;
    await delay(20);
  }
}

async function expectUncommittedKept(path: string): Promise<void> {
  expect(await readFile(join(path, 'untracked'), 'utf8')).toBe('not committed\n');
  expect((await lstat(join(path, 'untracked'))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(path, 'g.txt'), 'utf8')).toBe('not committed\n');
}

describe('an update from the base that is cut off', () => {
  it.each(['kept', 'about to place', 'placed', 'recorded'])(
    'with everything %s is carried on, once, and loses nothing',
    async (step) => {
      const { id, path, basePath, branch } = await begin('mine.txt');
      kit = await cutOff.at(`base-update: ${step}`, kit, () => update(id));
      await untilStatus(id, 'APPLIED');
      expect(await readFile(join(path, 'f.txt'), 'utf8')).toBe('theirs\n');
      await expectUncommittedKept(path);
      expect(await git(path, 'log', '--format=%s', '-1')).toBe(`Merge main into ${branch}`);
      expect(await git(basePath, 'rev-parse', branch)).toBe(await git(path, 'rev-parse', 'HEAD'));
      const { messages } = await conversation(kit, id);
      const told = messages.nodes.filter(({ parts }: SeenEvent) => parts[0]?.code === 'base-updated');
      expect(told).toHaveLength(1);
    },
    60_000,
  );

  it.each(['about to lay', 'laid', 'decided', 'taken back'])(
    'in a turn that resolves conflicts, with the files %s, gives the workspace back',
    async (step) => {
      const { id, path } = await begin('f.txt');
      const { updateFromBase } = await update(id);
      expect(updateFromBase.baseUpdate.status).toBe('CONFLICTED');
      const ask = () =>
        kit.ask(
          'mutation ($id: ID!, $text: String!) { askAgentToResolve(id: $id, instructions: $text) { __typename } }',
          {
            id: updateFromBase.baseUpdate.id,
            text: block('f.txt', 'both'),
          },
        );
      kit = await cutOff.at(`base-update: ${step}`, kit, ask);
      while ((await latest(id)).latestRun.status === 'RUNNING') await delay(20);
      await expectUncommittedKept(path);
      const { latestBaseUpdate } = await latest(id);
      expect(latestBaseUpdate.isWithAgent).toBe(false);
      const wasDecided = ['decided', 'taken back'].includes(step);
      expect(latestBaseUpdate).toMatchObject({ status: 'CONFLICTED', unresolvedCount: wasDecided ? 0 : 1 });
      expect(await readFile(join(path, 'f.txt'), 'utf8')).toBe('ours\n');
      if (!wasDecided) return;
      await kit.ask('mutation ($id: ID!) { completeBaseUpdate(id: $id) { __typename } }', { id: latestBaseUpdate.id });
      await untilStatus(id, 'APPLIED');
      expect(await readFile(join(path, 'f.txt'), 'utf8')).toBe('both\n');
      await expectUncommittedKept(path);
    },
    60_000,
  );
});
