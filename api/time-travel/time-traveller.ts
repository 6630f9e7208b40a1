import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Git, ResetResult, Snapshot } from '../git/git.ts';
import { type OperationContext, OperationFailed } from '../operations/operation-handler.ts';
import type { Checkpoint } from '../runner/checkpoint.ts';
import type { Preparation } from '../runner/preparation.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import { Rewind, RewindKind } from './rewind.entity.ts';
import { type ConversationChange, recordRewind } from './rewind-record.ts';
import type { RestoreRequest, RewindRequest } from './time-travel.service.ts';
import { tellUndo, undoneTurn, undoTold, whyNotUndone } from './turn-undo.ts';

export interface TimeTravelParts {
  dataSource: DataSource;
  work: UnitOfWork;
  git: Git;
  store: WorkspaceStore;
  agents: AgentHost;
  preparation: Preparation;
  checkpoint: Checkpoint;
}

interface Place {
  path: string;
  basePath: string;
  branch: string;
}

interface Journey {
  change: ConversationChange;
  title: string;
  /** The commit whose files come; null for none, undefined for the tip of the branch. */
  files: string | null | undefined;
  go(place: Place, saved: Snapshot): Promise<ResetResult>;
}

/** Takes sessions back to earlier messages, and forth again, with their files. */
export class TimeTraveller {
  constructor(private readonly parts: TimeTravelParts) {}

  rewind(context: OperationContext): Promise<Record<string, unknown>> {
    const { git } = this.parts;
    const { files, throughNumber, promptText } = context.operation.input as unknown as RewindRequest;
    const sha = files === 'branch' ? undefined : files.sha;
    return this.travel(context, {
      change: { kind: RewindKind.REWIND, throughNumber, promptText },
      title: `Before the conversation was taken back to message ${throughNumber}`,
      files: sha,
      go: (place, saved) =>
        git.resetWorkspace(
          { ...place, sha: sha === undefined ? saved.branchSha : sha, saved: saved.sha },
          { signal: context.signal, onProgress: context.report },
        ),
    });
  }

  async restore(context: OperationContext): Promise<Record<string, unknown>> {
    const { dataSource, git } = this.parts;
    const { rewindId } = context.operation.input as unknown as RestoreRequest;
    const rewind = await dataSource.manager.findOneBy(Rewind, { id: rewindId });
    if (!rewind) throw new OperationFailed('NOT_FOUND', 'This rewind is gone, and what it kept with it.');
    return this.travel(context, {
      change: { kind: RewindKind.RESTORE, rewind },
      title: `Before rewind ${rewind.id} was undone`,
      files: rewind.snapshotSha,
      go: (place, saved) =>
        git.restoreSnapshot(
          { ...place, sha: rewind.snapshotSha, saved: saved.sha },
          { signal: context.signal, onProgress: context.report },
        ),
    });
  }

  /** A commit that undoes the one of a turn, told in a message of its own. */
  async undoTurn({ operation, session, signal, report }: OperationContext): Promise<Record<string, unknown>> {
    const { dataSource, git, agents, preparation, work, checkpoint } = this.parts;
    const told = await undoTold(dataSource.manager, operation.id);
    if (told) return { messageId: told };
    const turn = await undoneTurn(dataSource.manager, operation);
    await agents.end(session.id);
    report({ phase: 'Undoing' });
    const place = await this.open(session);
    const reverted = await git.revertCommit(
      {
        ...place,
        sha: turn.sha,
        author: turn.author,
        title: `Revert "${turn.title}"`,
        body: `This reverts commit ${turn.sha}.`,
        trailers: {},
        operation: String(operation.id),
      },
      { signal },
    );
    await checkpoint('undo: committed');
    if (reverted.kind !== 'reverted') throw whyNotUndone(reverted);
    await preparation.workspace(session);
    const messageId = await work.run((tx) => tellUndo(tx, { operation, session, turn, reverted }));
    await checkpoint('undo: told');
    return { messageId };
  }

  /** Files first, conversation last: cut off in between, the same again leads to the same end. */
  private async travel(context: OperationContext, journey: Journey): Promise<Record<string, unknown>> {
    const { operation, session, signal, report } = context;
    const { git, agents, preparation, work, checkpoint } = this.parts;
    const done = await this.recorded(operation.id);
    if (done) return done;
    // What the agent remembers is ahead of the conversation from now on.
    await agents.end(session.id);
    report({ phase: 'Keeping what is there' });
    const place = await this.open(session);
    const ref = `${rescuePrefix(session.id)}rewind/${operation.id}`;
    const replacedBy = journey.files ?? null;
    const saved = await git.snapshot(
      { ...place, ref, title: journey.title, ...(replacedBy ? { replacedBy } : {}) },
      { signal },
    );
    await checkpoint('rewind: kept');
    report({ phase: 'Putting files in place' });
    try {
      const result = await journey.go(place, saved);
      await checkpoint('rewind: files');
      await preparation.workspace(session);
      await work.run((tx) => recordRewind(tx, { operation, session, change: journey.change, saved, result }));
    } catch (error) {
      if (signal.aborted) throw error;
      // Its answer may have been lost on the way here.
      const recorded = await this.recorded(operation.id);
      if (recorded) return recorded;
      await git.restoreSnapshot({ ...place, sha: saved.sha, saved: journey.files ?? saved.branchSha });
      throw error;
    }
    await checkpoint('rewind: recorded');
    return (await this.recorded(operation.id)) ?? {};
  }

  private async recorded(operationId: number): Promise<Record<string, unknown> | null> {
    const rewind = await this.parts.dataSource.manager.findOneBy(Rewind, { operationId });
    return rewind && { rewindId: rewind.id };
  }

  /** As it lies there, off its branch if need be; only a workspace that is not there is made. */
  private async open(session: ChatSession): Promise<Place> {
    const { store, preparation } = this.parts;
    if (!(await store.hasWorkspace(session.projectId, session.id))) await preparation.workspace(session);
    return {
      path: store.workspacePath(session.projectId, session.id),
      basePath: store.basePath(session.projectId),
      branch: session.branch,
    };
  }
}
