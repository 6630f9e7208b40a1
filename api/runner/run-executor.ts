import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { AgentError, type AgentHost, type AgentTurn, type AgentUpdate } from '../agents/agent.ts';
import type { BaseUpdater } from '../base-updates/base-updater.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Commit, Git, Signature } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import { MessagePartRow } from '../messages/message.entity.ts';
import { appendEvents } from '../messages/session-log.ts';
import { type Run, RunStatus } from '../runs/run.entity.ts';
import { commitData, RunRecorder } from '../runs/run-recorder.ts';
import { beginRun, endRun, interruptRun, type RunEnd, type StartedRun } from '../runs/run-states.ts';
import { ChatSession, WorkspaceStatus } from '../sessions/session.entity.ts';
import { EnvironmentScope } from '../settings/environment-variable.entity.ts';
import { EnvironmentUnreadable, type ProjectEnvironment } from '../settings/project-environment.ts';
import type { SetupNotices } from '../setup/setup-notices.ts';
import { rememberHead } from '../time-travel/message-heads.ts';
import { User } from '../users/user.entity.ts';
import type { OpenWorkspace } from '../workspaces/workspace-store.ts';
import type { BranchWatch } from './branch-watch.ts';
import { commitTitle } from './commit-title.ts';
import { NotPrepared, type Preparation } from './preparation.ts';

const GIVE_UP_RETRY_MS = 1_000;

type StopReason = 'stopped' | 'shutdown' | 'broken';

/** Carries out runs: opens the workspace, gives the prompt to the agent, records what it says, commits what it changed. */
export class RunExecutor {
  private readonly underWay = new Map<number, AbortController>();
  private isEnding = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly git: Git,
    private readonly agents: AgentHost,
    private readonly preparation: Preparation,
    private readonly environment: ProjectEnvironment,
    private readonly setupNotices: SetupNotices,
    private readonly branches: BranchWatch,
    private readonly baseUpdater: BaseUpdater,
    private readonly runnerId: string,
    private readonly log: Logger,
  ) {}

  /** Ends one run; what it has said and written is kept. */
  stop(runId: number): void {
    this.underWay.get(runId)?.abort('stopped' satisfies StopReason);
  }

  /** Ends all of them because the program ends. */
  stopAll(): void {
    this.isEnding = true;
    for (const abort of this.underWay.values()) abort.abort('shutdown' satisfies StopReason);
  }

  async execute(runId: number): Promise<void> {
    const started = await this.work.run((tx) => beginRun(tx, runId, this.runnerId));
    if (!started) return;
    const abort = new AbortController();
    this.underWay.set(runId, abort);
    try {
      // Somebody may have asked for its end between its start and now.
      if (await this.isStopRequested(runId)) abort.abort('stopped' satisfies StopReason);
      await this.carryOut(started, abort);
    } catch (error) {
      this.log.error({ err: error, run: runId }, 'A run could not be recorded to its end');
      await this.giveUp(started.run);
    } finally {
      this.underWay.delete(runId);
      this.branches.check(started.session.key);
    }
  }

  /** Whatever keeps it from being recorded, the database most likely, may pass; a run must not seem to go on for ever. */
  private async giveUp(run: Run): Promise<void> {
    while (!this.isEnding) {
      try {
        await this.work.run((tx) => interruptRun(tx, run));
        return;
      } catch {
        await delay(GIVE_UP_RETRY_MS, undefined, { ref: false });
      }
    }
  }

  /** What an interrupted run had written but not committed yet becomes a commit of its own message. */
  async commitLeftovers(run: Run): Promise<void> {
    const session = await this.dataSource.manager.findOneBy(ChatSession, { key: run.chatSessionKey });
    if (!session || session.deletedAt || session.workspaceStatus !== WorkspaceStatus.READY || !run.replyMessageId)
      return;
    const messageId = run.replyMessageId;
    const updated = await this.baseUpdater.afterTurn(run, session);
    const commit = updated
      ? updated.commit
      : await this.commitAll(run, session, await this.preparation.workspace(session));
    if (!commit) return;
    await this.work.run(async (tx) => {
      await tx.db.findOne(ChatSession, { where: { key: session.key }, lock: { mode: 'pessimistic_write' } });
      const position = await tx.db.countBy(MessagePartRow, { messageId });
      await tx.db.query('UPDATE chat_messages SET commit_sha = $2, head_sha = $2 WHERE id = $1', [
        messageId,
        commit.sha,
      ]);
      const part = { position, kind: 'commit' as const, text: '', data: commitData(commit, session.branch) };
      await appendEvents(tx, session.key, [{ type: 'part.added', messageId, part }]);
    });
    this.branches.check(session.key);
  }

  /** What a turn had laid in a workspace for an update from the base when the program ended. */
  takeBackRemains(): Promise<void> {
    return this.baseUpdater.takeBackRemains(this.runnerId);
  }

  private async carryOut(started: StartedRun, abort: AbortController): Promise<void> {
    const { run, session, reply } = started;
    const recorder = new RunRecorder(this.work, session.key, reply.id, (error) => {
      this.log.error({ err: error, run: run.id, session: session.id }, 'A run can no longer be recorded');
      abort.abort('broken' satisfies StopReason);
    });
    let workspace: OpenWorkspace | undefined;
    let end: RunEnd;
    try {
      const { variables, mask } = await this.environment.of(session.projectId, EnvironmentScope.AGENT);
      recorder.mask = mask;
      workspace = await this.preparation.workspace(session);
      await rememberHead(this.dataSource, run.promptMessageId, workspace.headSha);
      await this.baseUpdater.beforeTurn(run, session);
      const setupProblem = await this.setupNotices.take(session.key);
      if (setupProblem) recorder.notice('warning', 'setup', setupProblem);
      const turn = {
        sessionId: session.id,
        agentId: run.agentId,
        workspacePath: workspace.path,
        homePath: workspace.homePath,
        environment: variables,
        text: run.prompt,
      };
      const { stopReason } = await this.prompt(session, turn, recorder, abort.signal);
      end = { status: stopReason === 'cancelled' ? RunStatus.CANCELLED : RunStatus.SUCCEEDED };
    } catch (error) {
      end = this.failure(error, started);
      // An agent that broke says so with its own last words.
      end.errorMessage = recorder.mask.whole(end.errorMessage);
      recorder.notice('error', end.errorCode, end.errorMessage);
    }
    recorder.closeTools();
    if (workspace) end = await this.commit(started, workspace, recorder, end);
    if (workspace) await rememberHead(this.dataSource, reply.id, await this.headOf(session, workspace));
    await recorder.flush();
    await this.work.run((tx) =>
      abort.signal.reason === 'shutdown' && end.status !== RunStatus.SUCCEEDED
        ? interruptRun(tx, run)
        : endRun(tx, run.id, end),
    );
  }

  /** While the agent is at work, whoever looks sees what it does to the files. */
  private async prompt(session: ChatSession, turn: AgentTurn, recorder: RunRecorder, signal: AbortSignal) {
    const watch = this.branches.turn(session);
    const onUpdate = (update: AgentUpdate) => {
      recorder.record(update);
      if (update.type === 'tool-call') watch.stir();
    };
    try {
      return await this.agents.prompt(turn, onUpdate, signal);
    } finally {
      watch.end();
    }
  }

  /** What was written is committed however the turn ended. */
  private async commit(
    { run, session }: StartedRun,
    workspace: OpenWorkspace,
    recorder: RunRecorder,
    end: RunEnd,
  ): Promise<RunEnd> {
    try {
      const updated = await this.baseUpdater.afterTurn(run, session);
      if (updated) recorder.notice('info', 'base-update', updated.notice);
      const commit = updated ? updated.commit : await this.commitAll(run, session, workspace);
      if (!commit) return end;
      recorder.commit(commit, session.branch);
      if (commit.skippedPaths.length > 0) {
        recorder.notice(
          'warning',
          'nested-repositories',
          `Left out of the commit, because they are git repositories of their own: ${commit.skippedPaths.join(', ')}.`,
        );
      }
      return end;
    } catch (error) {
      this.log.warn({ err: error, run: run.id, session: session.id }, 'The changes of a run could not be committed');
      const code = error instanceof GitError ? error.code : 'unexpected';
      const reason = error instanceof GitError ? error.message : 'The log of the server says more.';
      const errorMessage = `The files are changed, but they could not be committed. ${reason}`;
      recorder.notice('error', code, errorMessage);
      return { status: RunStatus.FAILED, errorCode: code, errorMessage };
    }
  }

  private async commitAll(run: Run, session: ChatSession, workspace: OpenWorkspace): Promise<Commit | null> {
    const commit = await this.git.commitAll({
      path: workspace.path,
      basePath: workspace.basePath,
      branch: session.branch,
      title: commitTitle(run.prompt),
      author: await this.author(run.promptMessageId),
      trailers: { Agent: this.agentName(run.agentId) },
    });
    if (!commit) return null;
    await this.dataSource.query('UPDATE chat_sessions SET head_sha = $2 WHERE id = $1', [session.key, commit.sha]);
    await this.dataSource.query(
      `INSERT INTO branches (project_id, name, commit_sha) VALUES ($1, $2, $3)
       ON CONFLICT (project_id, name) DO UPDATE SET commit_sha = excluded.commit_sha`,
      [session.projectId, session.branch, commit.sha],
    );
    return commit;
  }

  /** The agent may have committed by itself, or what it changed could not be committed. */
  private async headOf({ branch }: ChatSession, { path, headSha }: OpenWorkspace): Promise<string | null> {
    const branches = await this.git.branches(path).catch(() => null);
    if (!branches) return headSha;
    return branches.find(({ name }) => name === branch)?.commitSha ?? null;
  }

  private failure(error: unknown, { run, session }: StartedRun): Extract<RunEnd, { errorCode: string }> {
    if (error instanceof AgentError)
      return { status: RunStatus.FAILED, errorCode: error.code, errorMessage: error.message };
    if (error instanceof NotPrepared)
      return { status: RunStatus.FAILED, errorCode: error.code, errorMessage: error.message };
    if (error instanceof EnvironmentUnreadable)
      return { status: RunStatus.FAILED, errorCode: 'environment', errorMessage: error.message };
    this.log.error({ err: error, run: run.id, session: session.id }, 'A run failed unexpectedly');
    return {
      status: RunStatus.FAILED,
      errorCode: 'unexpected',
      errorMessage:
        'Something went wrong in Kosuke itself. What was said and written is kept; the log of the server says more.',
    };
  }

  private async isStopRequested(runId: number): Promise<boolean> {
    const rows = (await this.dataSource.query('SELECT 1 FROM runs WHERE id = $1 AND stop_requested_at IS NOT NULL', [
      runId,
    ])) as unknown[];
    return rows.length > 0;
  }

  private agentName(agentId: string): string {
    return this.agents.agents().find(({ id }) => id === agentId)?.name ?? agentId;
  }

  private async author(messageId: number | null): Promise<Signature> {
    const user = await this.dataSource.manager
      .createQueryBuilder(User, 'person')
      .innerJoin('chat_messages', 'message', 'message.user_id = person.clerk_user_id')
      .where('message.id = :messageId', { messageId })
      .getOne();
    return { name: user?.name ?? 'Somebody', email: user?.email ?? `${user?.id ?? 'unknown'}@kosuke.invalid` };
  }
}
