import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxEngine, SandboxProcess } from '../sandbox/sandbox.ts';
import { SandboxRefused, SandboxUnavailable } from '../sandbox/sandbox-error.ts';
import { AgentError, type AgentTurn } from './agent.ts';
import type { AgentEntry } from './agent-registry.ts';
import { lastLines } from './clean-text.ts';

const STDERR_KEPT = 4_000;

/** An agent's program in its sandbox, and why it ended when it did. */
export interface AgentProcess extends SandboxProcess {
  /** Waits for its end. */
  crash(): Promise<AgentError>;
}

/** Throws AgentError 'sandbox-unavailable' or 'start-failed'. */
export async function startProcess(sandbox: SandboxEngine, entry: AgentEntry, turn: AgentTurn): Promise<AgentProcess> {
  const { workspacePath, homePath } = turn;
  const program = entry.program();
  // What the agent is locked down with is not for the project to change.
  const env = { ...turn.environment, ...program.env };
  const started = await sandbox.spawn({ workspacePath, homePath, ...program, env }).catch((error: Error) => {
    if (error instanceof SandboxUnavailable)
      throw new AgentError('sandbox-unavailable', error.message, { cause: error });
    const reason = error instanceof SandboxRefused ? error.message : `It could not be started (${error.message}).`;
    throw new AgentError('start-failed', `${entry.name}: ${reason}`, { cause: error });
  });
  let errors = '';
  started.stderr.setEncoding('utf8');
  started.stderr.on('data', (text: string) => {
    errors = (errors + text).slice(-STDERR_KEPT);
  });
  started.stderr.on('error', () => {});
  const stderrEnded = new Promise<void>((resolve) => started.stderr.once('close', resolve));
  // A program that is gone is noticed by its exit, not by the next write to it.
  started.stdin.on('error', () => {});

  return Object.assign(started, {
    async crash() {
      const { code, signal } = await started.exited;
      await Promise.race([stderrEnded, delay(500)]);
      const how = code === null ? `signal ${signal}` : `exit code ${code}`;
      const said = lastLines(errors);
      return new AgentError(
        'crashed',
        `The agent ended unexpectedly (${how}). Send the message again to start it anew.${said && `\n${said}`}`,
      );
    },
  });
}
