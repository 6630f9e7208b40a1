import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxEngine } from '../sandbox/sandbox.ts';
import { type AcpConnection, ConnectionClosed, connectAcp } from './acp-connection.ts';
import { AgentError, type AgentHost, type AgentOutcome, type AgentTurn, type AgentUpdate } from './agent.ts';
import { type AgentProcess, startProcess } from './agent-process.ts';
import { type AgentEntry, agentRegistry } from './agent-registry.ts';

export interface AgentHostOptions {
  sandbox: SandboxEngine;
  registry?: AgentEntry[];
  /** How long an agent waits for the next message before it is ended. Default 5 minutes. */
  idleMs?: number;
  /** For each of the two steps of a start. Default 20 s. */
  startDeadlineMs?: number;
  /** How long a stopped agent has to end the turn by itself. Default 500 ms. */
  cancelGraceMs?: number;
}

interface RunningAgent {
  agentId: string;
  workspacePath: string;
  environment: string;
  process: AgentProcess;
  /** Null while it is starting. */
  connection: AcpConnection | null;
  idleTimer?: NodeJS.Timeout;
}

export function createAgentHost(options: AgentHostOptions): AgentHost {
  const {
    sandbox,
    registry = agentRegistry,
    idleMs = 300_000,
    startDeadlineMs = 20_000,
    cancelGraceMs = 500,
  } = options;
  const running = new Map<string, RunningAgent>();
  const turns = new Set<string>();
  const listeners = new Set<(sessionId: string) => void>();
  let isClosed = false;

  async function prompt(turn: AgentTurn, onUpdate: (update: AgentUpdate) => void, signal: AbortSignal) {
    const entry = registry.find(({ id }) => id === turn.agentId);
    if (!entry) throw new AgentError('unknown-agent', `There is no agent "${turn.agentId}" here. Choose another one.`);
    if (turns.has(turn.sessionId)) throw new AgentError('protocol', 'A turn is already running in this session.');
    turns.add(turn.sessionId);
    try {
      return await runTurn(entry, turn, onUpdate, signal);
    } finally {
      turns.delete(turn.sessionId);
    }
  }

  async function runTurn(
    entry: AgentEntry,
    turn: AgentTurn,
    onUpdate: (update: AgentUpdate) => void,
    signal: AbortSignal,
  ): Promise<AgentOutcome> {
    if (signal.aborted) return { stopReason: 'cancelled' };
    const agent = await obtain(entry, turn);
    clearTimeout(agent.idleTimer);
    const stop = () => void cancel(agent);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) return { stopReason: 'cancelled' };
      agent.connection ??= await connectAcp(agent.process, {
        permissions: entry.permissions,
        deadlineMs: startDeadlineMs,
      });
      if (signal.aborted) return { stopReason: 'cancelled' };
      const outcome = await agent.connection.prompt(turn.text, onUpdate);
      if (!signal.aborted) rest(turn.sessionId, agent);
      return signal.aborted ? { stopReason: 'cancelled' } : outcome;
    } catch (error) {
      if (signal.aborted) return { stopReason: 'cancelled' };
      const reason = await explain(error, agent);
      if (running.get(turn.sessionId) === agent) rest(turn.sessionId, agent);
      throw reason;
    } finally {
      signal.removeEventListener('abort', stop);
      // Also after a turn that ended in time: whoever it started and lost sight of ends here. The next message starts afresh.
      if (signal.aborted) await agent.process.kill();
    }
  }

  /** The session's agent, started when there is none that fits. */
  async function obtain(entry: AgentEntry, turn: AgentTurn): Promise<RunningAgent> {
    const { sessionId, agentId, workspacePath } = turn;
    const environment = JSON.stringify(turn.environment);
    const existing = running.get(sessionId);
    const fits =
      existing?.agentId === agentId && existing.workspacePath === workspacePath && existing.environment === environment;
    if (existing && fits) return existing;
    await end(sessionId);
    const process = await startProcess(sandbox, entry, turn);
    const agent: RunningAgent = { agentId, workspacePath, environment, process, connection: null };
    running.set(sessionId, agent);
    process.exited.then(() => {
      forget(sessionId, agent);
      tellOfProcesses(sessionId);
    });
    tellOfProcesses(sessionId);
    if (isClosed) await process.kill();
    return agent;
  }

  async function cancel(agent: RunningAgent): Promise<void> {
    agent.connection?.cancel();
    if (agent.connection) await delay(cancelGraceMs, undefined, { ref: false });
    await agent.process.kill();
  }

  /** An agent that answered with an error may go on; one whose connection is gone, or that was not ready in time, may not. */
  async function explain(error: unknown, agent: RunningAgent): Promise<unknown> {
    if (error instanceof AgentError && error.code === 'agent' && agent.connection) return error;
    if (!(error instanceof ConnectionClosed)) {
      await agent.process.kill();
      return error;
    }
    const exit = agent.process.crash();
    const closedFirst = delay(1_000, null, { ref: false });
    const crash = await Promise.race([exit, closedFirst]);
    if (crash) return crash;
    await agent.process.kill();
    return new AgentError(
      'protocol',
      'The agent stopped listening and was ended. Send the message again to start it anew.',
    );
  }

  function rest(sessionId: string, agent: RunningAgent): void {
    agent.idleTimer = setTimeout(() => {
      forget(sessionId, agent);
      void agent.process.kill();
    }, idleMs).unref();
  }

  function forget(sessionId: string, agent: RunningAgent): void {
    clearTimeout(agent.idleTimer);
    if (running.get(sessionId) === agent) running.delete(sessionId);
  }

  function tellOfProcesses(sessionId: string): void {
    for (const listener of listeners) listener(sessionId);
  }

  async function end(sessionId: string): Promise<void> {
    const agent = running.get(sessionId);
    if (!agent) return;
    forget(sessionId, agent);
    await agent.process.kill();
  }

  return {
    agents: () => registry.map(({ id, name, hasModel }) => ({ id, name, hasModel })),
    prompt,
    end,
    async processCount(sessionId) {
      return (await running.get(sessionId)?.process.processCount()) ?? 0;
    },
    onProcessChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      await Promise.all([...running.keys()].map(end));
    },
  };
}
