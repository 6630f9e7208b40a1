import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { newProject, newSession } from '../test/conversation.ts';
import { type Fixture, makeLargeRepository } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { firstOf, startTestApp, type TestApp } from '../test/testkit.ts';

jest.setTimeout(120_000);

const FILES = 8_000;
let app: TestApp;
let source: Fixture;
let projectId: string;

beforeAll(async () => {
  source = await makeLargeRepository(FILES);
  app = await startTestApp();
  projectId = await newProject(app, { localPath: source.path });
  await until(async () => (await projectStatus()) === 'READY');
});
afterAll(async () => {
  await app.close();
  await source.remove();
});

const projectStatus = async () =>
  (await app.ask('query ($id: ID!) { project(id: $id) { status } }', { id: projectId })).project.status;

const workspaceOf = async (id: string) =>
  (await app.ask('query ($id: ID!) { chatSession(id: $id) { workspace { status message progress headSha } } }', { id }))
    .chatSession.workspace;

interface Seen {
  status: string;
  message: string | null;
  progress: number | null;
}

const folder = (...names: string[]) => join(app.dataDir, 'projects', projectId, ...names);
const identity = async (...names: string[]) => (await stat(folder(...names))).ino;
const spares = async () => (await readdir(folder('pool')).catch(() => [])).filter((name) => !name.startsWith('.'));

describe('a session of a large repository', () => {
  it('shows how far its workspace is, and everything else is answered meanwhile', async () => {
    const { id } = await newSession(app, projectId);
    const waits: number[] = [];
    const fractions: number[] = [];
    for (;;) {
      const asked = performance.now();
      const { status, message, progress } = await workspaceOf(id);
      waits.push(performance.now() - asked);
      if (status === 'READY') break;
      expect(status).toBe('PREPARING');
      if (message === 'Writing files' && progress !== null) fractions.push(progress);
    }
    expect(waits.length).toBeGreaterThan(5);
    expect(fractions.some((fraction) => fraction > 0 && fraction < 1)).toBe(true);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(await workspaceOf(id)).toEqual({
      status: 'READY',
      message: null,
      progress: null,
      headSha: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it('begins at once when a spare is there; who comes too late is told how far it is', async () => {
    const { id: known } = await newSession(app, projectId);
    // It is made by a process that gives way to everything else on this machine.
    await until(async () => (await workspaceOf(known)).status === 'READY' && (await spares()).length === 1, 90_000);
    const [spare = ''] = await spares();
    const ready = await identity('pool', spare);
    const changes = app.watch(
      `subscription ($id: ID!) {
         chatSessionChanged(projectId: $id) { chatSessionId chatSession { workspace { status message progress } } }
       }`,
      { id: projectId },
    );
    const rename = 'mutation ($id: ID!) { updateChatSession(input: { id: $id, title: "Heard" }) { __typename } }';
    await firstOf(changes, () => app.ask(rename, { id: known }));

    const both = await Promise.all([newSession(app, projectId), newSession(app, projectId)]);
    const seen = new Map<string, Seen[]>(both.map(({ id }) => [id, []]));
    while ([...seen.values()].some((states) => states.at(-1)?.status !== 'READY')) {
      const { chatSessionId, chatSession } = (await changes.next()).value.chatSessionChanged;
      seen.get(chatSessionId)?.push(chatSession.workspace);
    }
    await changes.return?.();

    const [quick = [], slow = []] = [...seen.values()].sort((one, other) => one.length - other.length);
    expect(quick.filter(({ progress }) => progress !== null)).toEqual([]);
    const told = slow.flatMap(({ message, progress }) =>
      message === 'Writing files' && progress !== null ? progress : [],
    );
    expect(told.some((fraction) => fraction > 0 && fraction < 1)).toBe(true);
    expect(told).toEqual([...told].sort((one, other) => one - other));
    expect(slow.at(-1)).toEqual({ status: 'READY', message: null, progress: null });

    const identities = await Promise.all(both.map(({ id }) => identity('sessions', id)));
    expect(identities.filter((one) => one === ready)).toHaveLength(1);
  });
});
