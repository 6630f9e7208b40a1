import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { conversation, newProject, newSession, send, talk, untilEnded } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { isAlive, until } from '../test/session-directories.ts';
import { rerun, setUp, setupOf, stopSetup, updateSetup, watchSetup } from '../test/setup.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

jest.setTimeout(60_000);

let app: TestApp;
let projectId: string;
const fixtures: Fixture[] = [];

beforeAll(async () => {
  app = await startTestApp();
}, 60_000);
beforeEach(async () => {
  projectId = await newProject(app);
});
afterAll(async () => {
  await app?.close();
  for (const fixture of fixtures) await fixture.remove();
});

const workspace = (sessionId: string, ...path: string[]) =>
  join(app.dataDir, 'projects', projectId, 'sessions', sessionId, ...path);

async function setVariable(name: string, value: string, more: Record<string, unknown> = {}) {
  await app.ask(
    'mutation ($input: SetEnvironmentVariableInput!) { setEnvironmentVariable(input: $input) { __typename } }',
    { input: { projectId, name, value, ...more } },
  );
}

const said = (events: { text?: string; part?: { notice?: string } }[]) =>
  events.map(({ text, part }) => text ?? part?.notice ?? '').join('');

describe('the setup script of a project', () => {
  it('is run in the sandbox, with the variables for it, before the first message is answered', async () => {
    await setVariable('GREETING', 'hello');
    await setVariable('FOR_AGENT', 'not for the setup', { scopes: ['AGENT'] });
    await updateSetup(app, projectId, {
      script:
        'echo "$GREETING from $(id -un) in $PWD, [$FOR_AGENT]"; echo oops >&2\r\nsleep 0.5; echo ready > made.txt',
    });
    const session = await newSession(app, projectId);
    const { message, run } = await send(app, session.id, '!cat made.txt');
    expect(message.status).toBe('QUEUED');
    expect(said(await untilEnded(app, session.id, run.id))).toContain('ready');
    const setup = await setupOf(app, session.id);
    expect(setup).toMatchObject({
      ...{ status: 'SUCCEEDED', scriptOrigin: 'SETTINGS', exitCode: 0, timedOut: false, message: null },
      log: 'hello from agent in /workspace, []\noops\n',
      logTruncated: false,
    });
    expect(Date.parse(setup.finishedAt)).toBeGreaterThan(Date.parse(setup.startedAt));
  });

  it('is run in the copy of a chat, too', async () => {
    await updateSetup(app, projectId, { script: 'echo "{}" > made.json; ls' });
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!echo mine > mine.txt');
    const { duplicateChatSession: copy } = await app.ask(
      'mutation ($id: ID!) { duplicateChatSession(input: { chatSessionId: $id }) { ... on ChatSession { id } ... on UserError { message } } }',
      { id: session.id },
    );
    expect(await setUp(app, copy.id)).toMatchObject({ status: 'SUCCEEDED', log: expect.stringContaining('mine.txt') });
  });

  it('costs projects without one nothing', async () => {
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!true');
    const { chatSession } = await app.ask(
      'query ($id: ID!) { chatSession(id: $id) { setup { id } latestOperation { id } } }',
      { id: session.id },
    );
    expect(chatSession).toEqual({ setup: null, latestOperation: null });
    expect(await rerun(app, session.id)).toMatchObject({ code: 'NO_SETUP' });
  });

  it('ends at the first command that fails; the chat goes on, and is told once', async () => {
    await updateSetup(app, projectId, { script: 'echo one; (exit 7) | cat; echo two' });
    const session = await newSession(app, projectId);
    const setup = await setUp(app, session.id);
    expect(setup).toMatchObject({ status: 'FAILED', exitCode: 7, log: 'one\n' });
    expect(setup.message).toBe('The setup script ended with exit code 7.');
    const { chatSession } = await app.ask(
      'query ($id: ID!) { chatSession(id: $id) { latestOperation { kind status errorCode errorMessage } } }',
      { id: session.id },
    );
    expect(chatSession.latestOperation).toMatchObject({ kind: 'SETUP', status: 'FAILED', errorCode: 'setup-failed' });
    await talk(app, session.id, '!echo fine');
    await talk(app, session.id, '!echo again');
    const { messages } = await conversation(app, session.id);
    const notices = messages.nodes.map(({ parts }: { parts: { notice?: string }[] }) =>
      parts.flatMap(({ notice }) => notice ?? []),
    );
    expect(notices).toEqual([[], [expect.stringContaining('not set up. The setup script ended')], [], []]);
  });

  it('says that the sandbox has no network when that seems to be why', async () => {
    await updateSetup(app, projectId, { script: 'exec 3<>/dev/tcp/registry.example.invalid/443' });
    const session = await newSession(app, projectId);
    const { status, message } = await setUp(app, session.id);
    expect(status).toBe('FAILED');
    expect(message).toContain('network, which the sandbox does not have');
  });

  it('is ended with all it started when it takes too long', async () => {
    await updateSetup(app, projectId, {
      script: 'echo begun; (setsid sleep 501 & echo $! > pid); sleep 502',
      timeoutSeconds: 1,
    });
    const session = await newSession(app, projectId);
    const setup = await setUp(app, session.id);
    expect(setup).toMatchObject({ status: 'FAILED', timedOut: true, exitCode: null, log: 'begun\n' });
    expect(setup.message).toContain('time limit of 1 second');
    expect(await processesNamed('sleep 50[12]')).toEqual([]);
  });

  it('can be stopped, and run again with the settings of then', async () => {
    await updateSetup(app, projectId, { script: 'echo begun; sleep 503' });
    const session = await newSession(app, projectId);
    for await (const { setupLogAppended } of watchSetup(app, session.id)) if (setupLogAppended.text) break;
    expect(await rerun(app, session.id)).toMatchObject({ code: 'OPERATION_UNDER_WAY' });
    expect(await stopSetup(app, session.id)).toMatchObject({ status: 'RUNNING' });
    expect(await setUp(app, session.id)).toMatchObject({ status: 'STOPPED', exitCode: null, timedOut: false });
    expect(await processesNamed('sleep 503')).toEqual([]);
    expect(await stopSetup(app, session.id)).toMatchObject({ code: 'SETUP_NOT_RUNNING' });
    await updateSetup(app, projectId, { script: 'echo better' });
    expect(await rerun(app, session.id)).toMatchObject({ kind: 'SETUP', status: 'SUCCEEDED' });
    expect(await setUp(app, session.id)).toMatchObject({ status: 'SUCCEEDED', log: 'better\n', message: null });
    expect(said(await talk(app, session.id, '!echo hi'))).not.toContain('not set up');
  });

  it('is stopped before it begins when it still waits', async () => {
    await updateSetup(app, projectId, { script: 'sleep 504' });
    const session = await newSession(app, projectId);
    await stopSetup(app, session.id);
    const setup = await setUp(app, session.id);
    expect(setup.status).toBe('STOPPED');
    expect(await processesNamed('sleep 504')).toEqual([]);
    expect(said(await talk(app, session.id, '!echo fine'))).toContain('fine');
  });

  it('ends when its chat is deleted', async () => {
    await updateSetup(app, projectId, { script: 'echo begun; sleep 505' });
    const session = await newSession(app, projectId);
    for await (const { setupLogAppended } of watchSetup(app, session.id)) if (setupLogAppended.text) break;
    await app.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id: session.id });
    await until(async () => (await processesNamed('sleep 505')).length === 0);
  });

  it('is refused when it cannot be run', async () => {
    expect(await updateSetup(app, projectId, { script: 'a\0b' })).toMatchObject({ field: 'script' });
    expect(await updateSetup(app, projectId, { script: 'x'.repeat(65_537) })).toMatchObject({ field: 'script' });
    for (const timeoutSeconds of [0, -1, 7_201]) {
      expect(await updateSetup(app, projectId, { timeoutSeconds })).toMatchObject({ field: 'timeoutSeconds' });
    }
    for (const name of ['a/b', '..', '.git', '']) {
      expect(await updateSetup(app, projectId, { cachedFolders: [name] })).toMatchObject({ field: 'cachedFolders' });
    }
    expect(await updateSetup(app, '999999', { script: 'true' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await rerun(app, 'nosuchsession')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await stopSetup(app, 'nosuchsession')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('may be as long as the settings take', async () => {
    await updateSetup(app, projectId, { script: `: ${'x'.repeat(65_000)}\necho "${'ü'.repeat(100)}"` });
    const session = await newSession(app, projectId);
    expect(await setUp(app, session.id)).toMatchObject({ status: 'SUCCEEDED', log: `${'ü'.repeat(100)}\n` });
  });
});

describe('the log of a setup', () => {
  it('comes live, is stored before it is shown, and can be resumed anywhere', async () => {
    await updateSetup(app, projectId, { script: 'for i in 1 2 3 4 5 6; do echo "line $i"; sleep 0.15; done' });
    const session = await newSession(app, projectId);
    let seen = '';
    let setupRunId = '';
    for await (const { setupLogAppended: event } of watchSetup(app, session.id)) {
      expect(event.offset).toBe(seen.length);
      seen += event.text;
      setupRunId = event.setupRunId;
      expect((await setupOf(app, session.id)).log.startsWith(seen)).toBe(true);
      if (seen.length > 10) break;
    }
    expect((await setupOf(app, session.id)).status).toBe('RUNNING');
    // Half of a line is had already: the rest of it comes first.
    seen = seen.slice(0, 3);
    for await (const { setupLogAppended: event } of watchSetup(app, session.id, { setupRunId, after: 3 })) {
      expect(event.offset).toBe(seen.length);
      seen += event.text;
      if (event.setup.status === 'SUCCEEDED') break;
    }
    expect(seen).toBe([1, 2, 3, 4, 5, 6].map((line) => `line ${line}\n`).join(''));
    expect((await setupOf(app, session.id)).log).toBe(seen);
    await rerun(app, session.id);
    const again = watchSetup(app, session.id, { setupRunId, after: seen.length });
    const { value } = await again.next();
    expect(value.setupLogAppended).toMatchObject({ offset: 0, setup: { status: expect.any(String) } });
    expect(value.setupLogAppended.setupRunId).not.toBe(setupRunId);
    await again.return?.();
  });

  it('is cut with a note where it gets too long, and the script goes on', async () => {
    await updateSetup(app, projectId, { script: 'head -c 2000000 /dev/zero | tr "\\0" x; touch done' });
    const session = await newSession(app, projectId);
    const setup = await setUp(app, session.id);
    expect(setup).toMatchObject({ status: 'SUCCEEDED', logTruncated: true, logLength: setup.log.length });
    expect(setup.log.length).toBe(2 ** 20);
    expect(setup.log.endsWith('the script goes on.]\n')).toBe(true);
    expect(await readFile(workspace(session.id, 'done'), 'utf8')).toBe('');
  });

  it('has no secrets in it, however they are written', async () => {
    await setVariable('TOKEN', 'canary-5f3a-setup');
    await updateSetup(app, projectId, {
      script:
        'half=$(echo $TOKEN | cut -c1-9); echo "a $TOKEN b"; printf %s $half; sleep 0.3; echo $TOKEN | cut -c10-; printf $half; exit 3',
    });
    const session = await newSession(app, projectId);
    expect((await setUp(app, session.id)).log).toBe('a *** b\n***\ncanary-5f');
  });

  it('is not for those who may not see the chat', async () => {
    const stream = watchSetup(app, 'nosuchsession');
    await expect(stream.next()).rejects.toThrow('does not exist');
  });
});

describe('a setup script in the repository', () => {
  async function repository(): Promise<Fixture> {
    const fixture = await makeRepository({ '.kosuke/setup.sh': '#!/bin/sh\necho from the base\n', 'a.txt': 'a\n' });
    fixtures.push(fixture);
    return fixture;
  }

  it('is not run unless the project says so', async () => {
    projectId = await newProject(app, { localPath: (await repository()).path });
    const session = await newSession(app, projectId);
    await talk(app, session.id, '!true');
    expect(await setupOf(app, session.id)).toBeNull();
  });

  it('is run as it is on the base branch, whatever the agent made of it', async () => {
    projectId = await newProject(app, { localPath: (await repository()).path });
    await updateSetup(app, projectId, { runsRepositoryScript: true });
    const session = await newSession(app, projectId);
    expect(await setUp(app, session.id)).toMatchObject({ scriptOrigin: 'REPOSITORY', log: 'from the base\n' });
    await talk(app, session.id, '!echo "echo from the agent" > .kosuke/setup.sh');
    await rerun(app, session.id);
    expect(await setUp(app, session.id)).toMatchObject({ status: 'SUCCEEDED', log: 'from the base\n' });
    await updateSetup(app, projectId, { script: 'echo from the settings' });
    await rerun(app, session.id);
    expect(await setUp(app, session.id)).toMatchObject({ scriptOrigin: 'SETTINGS', log: 'from the settings\n' });
  });

  it('that is no file is no script', async () => {
    const fixture = await makeRepository();
    fixtures.push(fixture);
    projectId = await newProject(app, { localPath: fixture.path });
    await updateSetup(app, projectId, { runsRepositoryScript: true });
    const session = await newSession(app, projectId);
    expect(await setUp(app, session.id)).toMatchObject({ status: 'SUCCEEDED', scriptOrigin: null, exitCode: null });
    await git(fixture.path, 'log', '--oneline');
  });
});

it('a setup that was cut off by the end of the server begins anew at the next start', async () => {
  const first = await startTestApp();
  projectId = await newProject(first);
  await updateSetup(first, projectId, {
    script: 'echo begun; test -e again || { touch again; sleep 506; }; echo ended',
  });
  const session = await newSession(first, projectId);
  for await (const { setupLogAppended } of watchSetup(first, session.id)) if (setupLogAppended.text) break;
  const again = await first.restart();
  expect(await processesNamed('sleep 506')).toEqual([]);
  expect(await setUp(again, session.id)).toMatchObject({
    status: 'SUCCEEDED',
    log: 'begun\n\n[Kosuke was restarted; the setup begins anew.]\nbegun\nended\n',
  });
  await again.close();
});

/** Live processes of this machine whose command line fits. */
async function processesNamed(pattern: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (new RegExp(`^${pattern}$`).test(line.replaceAll('\0', ' ').trim()) && isAlive(Number(name)))
      found.push(Number(name));
  }
  return found;
}
