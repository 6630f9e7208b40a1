import type { Logger } from 'pino';
import type { AgentHost } from '../agents/agent.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { GitError } from '../git/git-error.ts';
import { type OperationContext, OperationFailed } from '../operations/operation-handler.ts';
import { SandboxRefused, SandboxUnavailable } from '../sandbox/sandbox-error.ts';
import { type ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { EnvironmentUnreadable } from '../settings/project-environment.ts';
import { setupChanged, setupStopRequested } from './setup.events.ts';
import { SetupLog } from './setup-log.ts';
import { SetupRun, SetupRunStatus, UNFINISHED_SETUPS } from './setup-run.entity.ts';
import { SetupFailed, type SetupSteps } from './setup-steps.ts';

type StopReason = 'stopped' | 'broken' | 'shutdown';
type End = Partial<Pick<SetupRun, 'status' | 'message' | 'exitCode' | 'timedOut'>>;

/** Carries out setups of workspaces on this runner and writes down how they end. A setup that was cut off begins anew. */
export class SetupExecutor {
  private readonly underWay = new Map<number, AbortController>();
  private readonly off: () => void;

  constructor(
    private readonly work: UnitOfWork,
    private readonly agents: AgentHost,
    private readonly steps: SetupSteps,
    bus: EventBus,
    runnerId: string,
    private readonly log: Logger,
  ) {
    this.off = bus.on(setupStopRequested, runnerId, (notice) => {
      if (notice.kind === 'event') this.underWay.get(notice.payload.setupRunId)?.abort('stopped' satisfies StopReason);
    });
  }

  close(): void {
    this.off();
  }

  /** The handler of the operation SETUP. */
  async execute({ operation, session, report, signal }: OperationContext): Promise<Record<string, unknown>> {
    const id = Number(operation.input.setupRunId);
    const abort = new AbortController();
    const shutDown = () => abort.abort('shutdown' satisfies StopReason);
    this.underWay.set(id, abort);
    signal.addEventListener('abort', shutDown, { once: true });
    if (signal.aborted) shutDown();
    try {
      const run = await this.begin(id, session);
      if (!run) throw new OperationFailed('setup-stopped', 'The setup was stopped before it began.');
      await this.carryOut(run, session, abort, report);
      return { setupRunId: id };
    } finally {
      this.underWay.delete(id);
      signal.removeEventListener('abort', shutDown);
    }
  }

  private async carryOut(
    run: SetupRun,
    session: ChatSession,
    abort: AbortController,
    report: OperationContext['report'],
  ): Promise<void> {
    const log = new SetupLog(this.work, run, (error) => {
      this.log.error({ err: error, session: session.id }, 'The log of a setup can no longer be stored');
      abort.abort('broken' satisfies StopReason);
    });
    const cutOff = run.logLength > 0 ? '\n[Kosuke was restarted; the setup begins anew.]\n' : '';
    let end: End;
    try {
      await log.write(cutOff);
      // It has the environment and the files of before, and must not be at work meanwhile.
      await this.agents.end(session.id);
      end = {
        status: SetupRunStatus.SUCCEEDED,
        ...(await this.steps.run({ run, session, log, report, signal: abort.signal })),
      };
    } catch (error) {
      if (abort.signal.reason === 'shutdown') throw error;
      end = this.explain(error, abort.signal, session);
    }
    await log.flush().catch(() => undefined);
    await this.save(run, session, { ...end, finishedAt: new Date() });
    if (end.status === SetupRunStatus.SUCCEEDED) return;
    const code = end.status === SetupRunStatus.STOPPED ? 'setup-stopped' : 'setup-failed';
    throw new OperationFailed(code, end.message ?? 'The setup did not work out.');
  }

  private explain(error: unknown, signal: AbortSignal, session: ChatSession): End {
    if (signal.reason === 'stopped') return { status: SetupRunStatus.STOPPED, message: 'The setup was stopped.' };
    const status = SetupRunStatus.FAILED;
    if (error instanceof SetupFailed) return { status, message: error.message, ...error.end };
    const isKnown = [GitError, EnvironmentUnreadable, SandboxUnavailable, SandboxRefused].some(
      (type) => error instanceof type,
    );
    if (isKnown) return { status, message: (error as Error).message };
    this.log.error({ err: error, session: session.id }, 'A setup failed unexpectedly');
    return { status, message: 'Something went wrong in Kosuke itself. The log of the server says more.' };
  }

  /** Null when it was stopped before, or the session was put away. */
  private begin(id: number, session: ChatSession): Promise<SetupRun | null> {
    return this.work.run(async (tx) => {
      const run = await tx.db.findOne(SetupRun, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!run || !UNFINISHED_SETUPS.includes(run.status)) return null;
      const isOver = session.deletedAt || session.status !== ChatSessionStatus.ACTIVE || run.stopRequestedAt;
      const change = isOver
        ? { status: SetupRunStatus.STOPPED, message: 'The setup was stopped.', finishedAt: new Date() }
        : { status: SetupRunStatus.RUNNING, startedAt: run.startedAt ?? new Date() };
      await tx.db.update(SetupRun, { id }, change);
      tx.publish(setupChanged, String(session.key), { setupRunId: id });
      return isOver ? null : Object.assign(run, change);
    });
  }

  private save(run: SetupRun, session: ChatSession, change: Partial<SetupRun>): Promise<void> {
    return this.work.run(async (tx) => {
      await tx.db.update(SetupRun, { id: run.id }, change);
      tx.publish(setupChanged, String(session.key), { setupRunId: run.id });
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
    });
  }
}
