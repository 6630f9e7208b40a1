import { existsSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { createBubblewrap } from '../sandbox/bubblewrap.ts';
import { createNoSandbox } from '../sandbox/no-sandbox.ts';
import type { SandboxEngine, SandboxProcess } from '../sandbox/sandbox.ts';
import { SandboxUnavailable } from '../sandbox/sandbox-error.ts';
import { isAlive, makeSessionDirectories, type SessionDirectories, until } from '../test/session-directories.ts';
import type { AgentHost, AgentUpdate } from './agent.ts';
import { type AgentHostOptions, createAgentHost } from './agent-host.ts';
import type { AgentEntry } from './agent-registry.ts';

// Each test starts Node once or more, which takes seconds on a busy machine.
jest.setTimeout(30_000);

let session: SessionDirectories;
let hosts: AgentHost[];
let started: SandboxProcess[];
beforeEach(async () => {
  session = await makeSessionDirectories();
  hosts = [];
  started = [];
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  await session.remove();
});

/** The real sandbox, looked at: every process it starts is noted. */
function watched(engine: SandboxEngine): SandboxEngine {
  return {
    ...engine,
    spawn: async (options) => {
      const process = await engine.spawn(options);
      started.push(process);
      return process;
    },
  };
}

function makeHost(options: Partial<AgentHostOptions> = {}): AgentHost {
  const host = createAgentHost({ sandbox: watched(createBubblewrap()), ...options });
  hosts.push(host);
  return host;
}

interface Said {
  updates: AgentUpdate[];
  text(): string;
  output(): string;
  calls(): Extract<AgentUpdate, { type: 'tool-call' }>[];
}

function listen(): Said & { onUpdate: (update: AgentUpdate) => void } {
  const updates: AgentUpdate[] = [];
  return {
    updates,
    onUpdate: (update) => void updates.push(update),
    text: () => updates.map((update) => (update.type === 'text' ? update.text : '')).join(''),
    output: () => updates.map((update) => (update.type === 'tool-output' ? update.text : '')).join(''),
    calls: () => updates.filter((update) => update.type === 'tool-call'),
  };
}

function say(
  host: AgentHost,
  text: string,
  { agentId = 'builtin', directories = session, stop = new AbortController(), environment = {} } = {},
) {
  const said = listen();
  const { workspacePath, homePath, root } = directories;
  const turn = { sessionId: root, agentId, workspacePath, homePath, environment, text };
  const outcome = host.prompt(turn, said.onUpdate, stop.signal);
  // A test may look at what was said before it looks at how it ended.
  outcome.catch(() => {});
  return { ...said, outcome, stop: () => stop.abort() };
}

async function answer(host: AgentHost, text: string) {
  const said = say(host, text);
  expect(await said.outcome).toEqual({ stopReason: 'end' });
  return said;
}

const at = (path: string) => join(session.workspacePath, path);
const isGone = (process: SandboxProcess) => !isAlive(process.pid);

describe.each([
  ['bubblewrap', createBubblewrap],
  ['no sandbox', createNoSandbox],
])('the built-in agent in %s', (engine, makeEngine) => {
  const host = () => makeHost({ sandbox: watched(makeEngine()) });

  it('says that it has no model, and what it can do', async () => {
    const { updates, text } = await answer(host(), 'Please write me a game.');
    expect(updates.every(({ type }) => type === 'text')).toBe(true);
    expect(text()).toContain('No model is connected');
    expect(text()).toContain('!ls -la');
    expect(text()).toContain('```html index.html');
    expect(text()).toContain('```diff');
  });

  it('shows output while the command still runs, stdout and stderr in order', async () => {
    const said = say(host(), '!echo one; echo two >&2; echo three; until [ -e go ]; do sleep 0.01; done; echo last');
    await until(() => said.output() === 'one\ntwo\nthree\n');
    await writeFile(at('go'), '');
    expect(await said.outcome).toEqual({ stopReason: 'end' });
    expect(said.output()).toBe('one\ntwo\nthree\nlast\n');
    const calls = said.calls();
    expect(calls[0]).toMatchObject({ kind: 'execute', status: 'running', title: expect.stringMatching(/^echo one/) });
    expect(calls.at(-1)).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(said.text()).toBe('');
  });

  it('runs commands one after another, up to the first that fails', async () => {
    const said = await answer(host(), '!echo 1 > a\n!cat a; exit 3\n!touch b\n!touch c');
    expect(said.output()).toBe('1\n');
    expect(said.calls().at(-1)).toMatchObject({ status: 'failed', exitCode: 3 });
    expect(said.text()).toMatch(/failed with exit code 3 after .* The 2 steps after it were not done\./);
    expect(existsSync(at('b'))).toBe(false);
  });

  it('ends a command at once when stopped, keeps what was said, and starts afresh after', async () => {
    const agents = host();
    // Only namespaces catch those who go their own way.
    const runaway = engine === 'bubblewrap' ? 'setsid sleep 1000 &' : 'sleep 1000 &';
    const said = say(agents, `!echo before; ${runaway} touch up; sleep 1000\n!touch never`);
    await until(() => said.output() === 'before\n' && existsSync(at('up')));
    const before = performance.now();
    said.stop();
    expect(await said.outcome).toEqual({ stopReason: 'cancelled' });
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(isGone(started[0] as SandboxProcess)).toBe(true);
    expect(said.output()).toBe('before\n');
    expect(said.calls().at(-1)).toMatchObject({ status: 'failed' });
    expect(existsSync(at('never'))).toBe(false);
    expect((await answer(agents, '!echo again')).output()).toBe('again\n');
  });

  it('writes files and applies diffs', async () => {
    const said = await answer(
      host(),
      'Do:\n```html a/index.html\n<h1>\n```\n--- a/a/index.html\n+++ b/a/index.html\n@@ -1 +1 @@\n-<h1>\n+<h2>\n!cat a/index.html',
    );
    expect(said.output()).toBe('<h2>\n');
    expect(said.text().trim()).toBe('Wrote a/index.html (1 line).\n\nChanged a/index.html (+1 -1).');
    const edits = said.calls().filter(({ paths }) => paths?.length);
    expect(edits.map(({ paths }) => paths)).toEqual([['a/index.html'], ['a/index.html'], ['a/index.html']]);
    expect(said.calls()[0]).toMatchObject({ kind: 'edit', status: 'running' });
  });

  it('writes nothing outside the workspace or in .git', async () => {
    await writeFile(join(session.root, 'outside'), 'before');
    await symlink(join(session.root, 'outside'), at('link'));
    const agents = host();
    for (const path of ['../outside', 'link', '.git/HEAD', `${session.root}/outside`]) {
      const said = await answer(agents, `\`\`\`text ${path}\nx\n\`\`\``);
      expect(said.calls().at(-1)?.status).toBe('failed');
      expect(said.text()).toMatch(/outside the workspace|leads nowhere|in \.git|relative/);
    }
    expect(await readFile(join(session.root, 'outside'), 'utf8')).toBe('before');
    expect(await readFile(at('.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
  });
});

describe('the agent host', () => {
  it('names its agents', () => {
    expect(makeHost().agents()).toEqual([{ id: 'builtin', name: 'Built-in (no model)', hasModel: false }]);
  });

  it('passes characters on whole, wherever they are cut', async () => {
    const text = 'aé€😀'.repeat(20_000);
    await writeFile(at('text'), text);
    expect((await answer(makeHost(), '!cat text')).output()).toBe(text);
  });

  it('shows the first megabyte of a command, which goes on', async () => {
    const said = await answer(makeHost(), '!head -c 3000000 /dev/zero | tr "\\0" x; touch done');
    expect(said.output()).toMatch(/^x{1048576}\n\[Output after 1 MiB is not shown; the command goes on\.\]\n$/);
    expect(existsSync(at('done'))).toBe(true);
  });

  it('passes on nothing the database could not keep', async () => {
    expect((await answer(makeHost(), '!printf "a\\0b\\377"')).output()).toBe('a\ufffdb\ufffd');
  });

  it('does not wait for what a command left in the background', async () => {
    const said = await answer(makeHost(), '!sleep 1000 & echo started\n!setsid sleep 1000 & echo again');
    expect(said.output()).toBe('started\nagain\n');
  });

  it('gives the agent what its project gives it, but for what it is locked down with, and starts it anew for a change', async () => {
    const host = makeHost();
    const environment = { GREETING: 'hello', UV_THREADPOOL_SIZE: '99' };
    const first = say(host, '!echo $GREETING $UV_THREADPOOL_SIZE $PPID', { environment });
    await first.outcome;
    const same = say(host, '!echo $GREETING $UV_THREADPOOL_SIZE $PPID', { environment: { ...environment } });
    await same.outcome;
    expect(first.output()).toContain('hello 2');
    expect(started).toHaveLength(1);
    const changed = say(host, '!echo $GREETING', { environment: { GREETING: 'good morning' } });
    await changed.outcome;
    expect(changed.output()).toContain('good morning');
    expect(started).toHaveLength(2);
    expect(started[0] && isGone(started[0])).toBe(true);
  });

  it('gives the agent only the environment it is meant to have', async () => {
    const names = (await answer(makeHost(), '!env | cut -d= -f1')).output().trim().split('\n').sort();
    expect(names).toEqual(['HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', 'TMPDIR', 'UV_THREADPOOL_SIZE', '_'].sort());
  });

  it('keeps one process a session, and ends it when told', async () => {
    const host = makeHost();
    await answer(host, '!true');
    await answer(host, '!true');
    expect(started).toHaveLength(1);
    await host.end(session.root);
    expect(started.every(isGone)).toBe(true);
    await answer(host, '!true');
    expect(started).toHaveLength(2);
    await host.close();
    expect(started.every(isGone)).toBe(true);
  });

  it('ends an idle agent, and starts it again for the next message', async () => {
    const host = makeHost({ idleMs: 20 });
    await answer(host, '!true');
    await until(() => isGone(started[0] as SandboxProcess));
    await answer(host, '!true');
    expect(started).toHaveLength(2);
  });

  it('runs two sessions at once, each in its own workspace', async () => {
    const host = makeHost();
    const other = await makeSessionDirectories();
    try {
      const script = '!echo start; until [ -e go ]; do sleep 0.01; done; pwd; ls';
      const mine = say(host, script);
      const theirs = say(host, script, { directories: other });
      await until(() => mine.output() === 'start\n' && theirs.output() === 'start\n');
      await writeFile(join(other.workspacePath, 'go'), '');
      expect(await theirs.outcome).toEqual({ stopReason: 'end' });
      expect(mine.output()).toBe('start\n');
      await writeFile(at('go'), '');
      await writeFile(at('mine'), '');
      expect(await mine.outcome).toEqual({ stopReason: 'end' });
      expect(theirs.output()).toBe('start\n/workspace\ngo\n');
    } finally {
      await host.close();
      await other.remove();
    }
  });

  it('refuses a second turn in a session that has one', async () => {
    const host = makeHost();
    const first = say(host, '!echo up; sleep 1000');
    await until(() => first.output());
    await expect(say(host, '!true').outcome).rejects.toMatchObject({ name: 'AgentError', code: 'protocol' });
    first.stop();
    await first.outcome;
  });

  it('fails the turn when the agent dies, and goes on with a fresh one', async () => {
    const host = makeHost();
    const said = say(host, '!echo up; until [ -e go ]; do sleep 0.01; done; kill -9 $PPID; sleep 1000');
    await until(() => said.output());
    await writeFile(at('go'), '');
    await expect(said.outcome).rejects.toMatchObject({ code: 'crashed' });
    expect(said.output()).toBe('up\n');
    expect(isGone(started[0] as SandboxProcess)).toBe(true);
    expect((await answer(host, '!echo again')).output()).toBe('again\n');
  });

  it('does not start a turn that is stopped already, and stops one that is only starting', async () => {
    const stop = new AbortController();
    const starting = say(makeHost(), '!touch never', { stop });
    stop.abort();
    expect(await starting.outcome).toEqual({ stopReason: 'cancelled' });
    expect(await say(makeHost(), '!touch never', { stop }).outcome).toEqual({ stopReason: 'cancelled' });
    expect(existsSync(at('never'))).toBe(false);
    expect(started.every(isGone)).toBe(true);
  });

  it('knows its agents only', async () => {
    await expect(say(makeHost(), 'x', { agentId: 'other' }).outcome).rejects.toMatchObject({ code: 'unknown-agent' });
  });

  it('starts nothing without a sandbox', async () => {
    const sandbox: SandboxEngine = {
      name: 'unavailable',
      check: async () => ({ available: false, message: 'install it' }),
      spawn: async () => {
        throw new SandboxUnavailable('install it');
      },
    };
    await expect(say(makeHost({ sandbox }), 'x').outcome).rejects.toMatchObject({
      code: 'sandbox-unavailable',
      message: 'install it',
    });
  });
});

describe('an agent that misbehaves', () => {
  /** A program of the test in place of an agent: what a hostile or broken one may do. */
  function scripted(program: string): AgentEntry {
    const preamble = `
      const send = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
      const update = (update) => send({ method: 'session/update', params: { sessionId: 's', update } });
      require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params, result } = JSON.parse(line);
        if (handle(method, id, params, result) !== undefined) return;
        if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
        if (method === 'session/new') send({ id, result: { sessionId: 's' } });
      });`;
    const args = ['-e', preamble + program];
    return {
      ...{ id: 'scripted', name: 'Scripted', hasModel: false, permissions: 'refuse' },
      program: () => ({ command: process.execPath, args, env: {}, readOnlyPaths: [] }),
    };
  }

  function prompt(program: string, options: Partial<AgentHostOptions> = {}) {
    return say(makeHost({ registry: [scripted(program)], ...options }), 'hello', { agentId: 'scripted' });
  }

  it('that does not start is given up in time, with what it wrote to stderr', async () => {
    const silent = prompt('const handle = () => true;', { startDeadlineMs: 300 });
    await expect(silent.outcome).rejects.toMatchObject({ code: 'timeout' });
    expect(isGone(started[0] as SandboxProcess)).toBe(true);
    const broken = prompt(
      'console.error("long ".repeat(1000) + "\\n\\u001b[31mred\\u0007 herring\\u001b[0m"); process.exit(3);',
    );
    const error = await broken.outcome.catch((error) => error);
    expect(error.code).toBe('crashed');
    expect(error.message).toMatch(/exit code 3.*\nred herring$/s);
    expect(error.message.length).toBeLessThan(700);
  });

  it('that does not listen to a stop is killed after the grace', async () => {
    const said = prompt(`const handle = (method) => {
      if (method === 'session/prompt') update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'deaf' } });
    };`);
    await until(() => said.text() === 'deaf');
    const before = performance.now();
    said.stop();
    expect(await said.outcome).toEqual({ stopReason: 'cancelled' });
    expect(performance.now() - before).toBeGreaterThan(400);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(isGone(started[0] as SandboxProcess)).toBe(true);
  });

  it('that speaks another version is refused', async () => {
    const said = prompt(`const handle = (method, id) => method === 'initialize'
      ? (send({ id, result: { protocolVersion: 9 } }), true) : undefined;`);
    await expect(said.outcome).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('version 9'),
    });
  });

  it('that answers with an error is quoted, without control characters', async () => {
    const said = prompt(`const handle = (method, id) => method === 'session/prompt'
      ? (send({ id, error: { code: -32603, message: 'no\\u001b[2J credit' } }), true) : undefined;`);
    await expect(said.outcome).rejects.toMatchObject({ code: 'agent', message: expect.stringContaining('no credit') });
  });

  it('that closes its output without leaving is ended', async () => {
    // Within bubblewrap the namespace's first process holds it open: there it is like an agent that says nothing.
    const sandbox = watched(createNoSandbox());
    const program = `const handle = (method) => {
      if (method === 'session/prompt') { require('fs').closeSync(1); setInterval(() => {}, 1000); }
    };`;
    const said = prompt(program, { sandbox });
    await expect(said.outcome).rejects.toMatchObject({ code: 'protocol' });
    expect(isGone(started[0] as SandboxProcess)).toBe(true);
  });

  it('that writes noise between its messages is still understood', async () => {
    const said = prompt(`const handle = (method, id) => {
      if (method !== 'session/prompt') return;
      console.log('hello from a library');
      update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'sense\\u0000' } });
      send({ id, result: { stopReason: 'max_tokens' } });
    };`);
    expect(await said.outcome).toEqual({ stopReason: 'limit' });
    expect(said.text()).toBe('sense\ufffd');
  });

  it('that asks for permission is refused, visibly', async () => {
    const said = prompt(`let turn; const handle = (method, id, params, result) => {
      if (method === 'session/prompt') {
        turn = id;
        const option = (optionId, kind) => ({ optionId, kind, name: kind });
        send({ id: 77, method: 'session/request_permission', params: { sessionId: 's',
          toolCall: { toolCallId: 't', title: 'Delete everything' },
          options: [option('yes', 'allow_once'), option('no', 'reject_once')] } });
      } else if (id === 77) {
        update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: JSON.stringify(result) } });
        send({ id: turn, result: { stopReason: 'end_turn' } });
      }
    };`);
    expect(await said.outcome).toEqual({ stopReason: 'end' });
    expect(said.text()).toContain('Delete everything');
    expect(said.text()).toContain('{"outcome":{"outcome":"selected","optionId":"no"}}');
  });

  it("that sends a tool's whole output each time has only what is new passed on, with paths in the workspace", async () => {
    const said = prompt(`const handle = (method, id) => {
      if (method !== 'session/prompt') return;
      const content = (text) => [{ type: 'content', content: { type: 'text', text } }];
      update({ sessionUpdate: 'tool_call', toolCallId: 't', title: 'Look', kind: 'switch_mode', status: 'pending',
        locations: [{ path: '/workspace/a' }, { path: '/usr/b' }, { path: '/workspace' }] });
      update({ sessionUpdate: 'tool_call_update', toolCallId: 't', content: content('one ') });
      update({ sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'completed', content: content('one two') });
      update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'hm' } });
      update({ sessionUpdate: 'plan', entries: [{ content: 'do', status: 'pending', priority: 'low' }] });
      send({ id, result: { stopReason: 'end_turn' } });
    };`);
    await said.outcome;
    expect(said.updates).toEqual([
      { type: 'tool-call', toolCallId: 't', title: 'Look', kind: 'other', status: 'pending', paths: ['a'] },
      { type: 'tool-output', toolCallId: 't', text: 'one ' },
      { type: 'tool-output', toolCallId: 't', text: 'two' },
      { type: 'tool-call', toolCallId: 't', status: 'succeeded' },
      { type: 'reasoning', text: 'hm' },
      { type: 'plan', entries: [{ text: 'do', status: 'pending', priority: 'low' }] },
    ]);
  });
});
