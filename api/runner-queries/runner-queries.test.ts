import type { DataSource } from 'typeorm';
import { GitError } from '../git/git-error.ts';
import { RunnerClient } from './runner-client.ts';
import { type RunnerQueryHandlers, RunnerUnreachable } from './runner-queries.ts';
import { type RunnerServer, startRunnerServer } from './runner-server.ts';

const place = { projectId: 1, sessionId: 'abcdefghijkl' };
const state = { headSha: null, branch: 'kosuke-chat-abcdefghijkl', changedPaths: ['a b', 'ü\n'] };

const handlers = {
  workspaceState: async ({ sessionId }) => {
    if (sessionId === 'gone') throw new GitError('not-found', 'It is gone.');
    if (sessionId === 'broken') throw new Error('a secret detail');
    return state;
  },
} as Partial<RunnerQueryHandlers> as RunnerQueryHandlers;

const problems: unknown[] = [];
let server: RunnerServer;

beforeAll(async () => {
  const onProblem = (error: unknown) => problems.push(error);
  server = await startRunnerServer({ host: '127.0.0.1', port: 0, token: 'right', handlers, onProblem });
});
afterAll(() => server.close());

/** A client whose database says where the runner is. */
const client = (address: string | null, token = 'right') =>
  new RunnerClient({ query: async () => [{ address, token }] } as Partial<DataSource> as DataSource);

describe.each(['in the same process', 'over http'])('a question to a runner %s', (where) => {
  const asking = () => {
    const runners = client(server.address);
    if (where === 'in the same process') runners.answerHere('r1', handlers);
    return runners;
  };

  it('is answered with plain data', async () => {
    expect(await asking().ask('r1', 'workspaceState', place)).toEqual(state);
  });

  it('fails as it failed on the runner', async () => {
    const failing = asking().ask('r1', 'workspaceState', { ...place, sessionId: 'gone' });
    await expect(failing).rejects.toEqual(new GitError('not-found', 'It is gone.'));
  });
});

describe('over http', () => {
  it('gives nothing away of what nobody expected, and the runner keeps it for its log', async () => {
    const asked = client(server.address).ask('r1', 'workspaceState', { ...place, sessionId: 'broken' });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunnerUnreachable);
    expect(String((error as Error).cause)).not.toContain('secret');
    expect(String(problems.at(-1))).toContain('a secret detail');
  });

  it('is refused without the right token', async () => {
    await expect(client(server.address, 'wrong').ask('r1', 'workspaceState', place)).rejects.toThrow(RunnerUnreachable);
    expect((await fetch(`${server.address}/queries/workspaceState`, { method: 'POST' })).status).toBe(401);
  });

  it('says that the runner does not answer when it is not there', async () => {
    await expect(client('http://127.0.0.1:1').ask('r1', 'workspaceState', place)).rejects.toThrow(RunnerUnreachable);
    await expect(client(null).ask('r1', 'workspaceState', place)).rejects.toThrow(RunnerUnreachable);
    await expect(client(null).ask(null, 'workspaceState', place)).rejects.toThrow(RunnerUnreachable);
  });
});
