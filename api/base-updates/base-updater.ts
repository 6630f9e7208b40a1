import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Commit, Git, Signature } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import type { BaseUpdateOutcome } from '../git/updates.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import { type OperationContext, OperationFailed } from '../operations/operation-handler.ts';
import type { Checkpoint } from '../runner/checkpoint.ts';
import type { Preparation } from '../runner/preparation.ts';
import type { Run } from '../runs/run.entity.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import { User } from '../users/user.entity.ts';
import { BaseUpdate, BaseUpdateStatus, UNFINISHED_UPDATES } from './base-update.entity.ts';
import { BaseUpdateRecord } from './base-update-record.ts';
import { unresolved } from './decisions.ts';
import { named } from './named-paths.ts';
import type { Placement } from './placement.ts';

export interface BaseUpdateParts {
  dataSource: DataSource;
  work: UnitOfWork;
  git: Git;
  agents: AgentHost;
  preparation: Preparation;
  checkpoint: Checkpoint;
}

/** Where the files and branches of a session are. */
export interface UpdatePlace {
  sessionId: string;
  path: string;
  basePath: string;
  branch: string;
}

type Result = Extract<Placement, { kind: 'result' }>;
type Marked = Extract<Placement, { kind: 'marked' }>;

/**
 * Carries out updates from the base. All of an update is worked out in the base repository; the workspace is touched only
 * to put a whole result in place, or to lay files with markers before an agent and take them back. Both are written down
 * before, with a snapshot of what lies there, so that they can be ended or undone after any cut.
 */
export class BaseUpdater {
  private readonly record: BaseUpdateRecord;

  constructor(private readonly parts: BaseUpdateParts) {
    this.record = new BaseUpdateRecord(parts.dataSource, parts.work);
  }

  /** Begins an update, or goes on with one whose conflicts are resolved. */
  async advance(context: OperationContext): Promise<Record<string, unknown>> {
    const { operation, session, signal, report } = context;
    const update = await this.record.read(Number(operation.input.baseUpdateId));
    if (!UNFINISHED_UPDATES.includes(update.status)) return { baseUpdateId: update.id };
    try {
      await this.parts.agents.end(session.id);
      const place = await this.open(session);
      await this.putBack(update, place, `operation-${operation.id}-found`);
      report({ phase: 'Putting both sides together' });
      const before = unresolved(update);
      const outcome = await this.compute(update, place, operation.createdAt, signal);
      if (outcome.kind === 'conflicts') {
        const isSameStop = update.conflictedCommit?.sha === outcome.commit?.sha;
        await this.record.conflicted(session, update, outcome, place.tip);
        const left = unresolved(update);
        if (operation.kind === WorkspaceOperationKind.COMPLETE_BASE_UPDATE && isSameStop && before.length > 0) {
          throw unresolvedConflicts(left.map(({ path }) => path));
        }
        return { baseUpdateId: update.id };
      }
      if (outcome.kind === 'up-to-date') await this.record.upToDate(session, update, outcome.baseSha, place.tip);
      else {
        report({ phase: 'Putting files in place' });
        const placement = await this.prepare(update, place, outcome, `operation-${operation.id}`);
        const keptPaths = await this.putInPlace(update, place, placement);
        await this.record.applied(session, update, { placement, keptPaths, tellAs: operation });
        await this.parts.checkpoint('base-update: recorded');
        await this.letGo(update, place);
      }
      await this.parts.preparation.workspace(session);
      return { baseUpdateId: update.id };
    } catch (error) {
      if (!signal.aborted && update.status === BaseUpdateStatus.COMPUTING) {
        await this.record.failed(session, update, error);
      }
      throw error;
    }
  }

  async abort({ operation, session }: OperationContext): Promise<Record<string, unknown>> {
    const update = await this.record.read(Number(operation.input.baseUpdateId));
    if (!UNFINISHED_UPDATES.includes(update.status)) return { baseUpdateId: update.id };
    if (update.placement) {
      await this.parts.agents.end(session.id);
      await this.putBack(update, await this.open(session), `operation-${operation.id}`);
    }
    await this.record.aborted(session, update);
    return { baseUpdateId: update.id };
  }

  /** Lays the files with markers in the workspace when this run is the one that is to resolve them. */
  async beforeTurn(run: Run, session: ChatSession): Promise<void> {
    const update = await this.record.underWay(session.key);
    if (!update || (update.placement === null && !(await this.record.isAskedFor(update, run)))) return;
    const place = await this.open(session);
    if (update.placement) await this.putBack(update, place, `run-${run.id}-earlier`);
    if (!(await this.record.isAskedFor(update, run))) return;
    const outcome = await this.compute(update, place, run.createdAt);
    if (outcome.kind !== 'conflicts') return;
    await this.record.conflicted(session, update, outcome, place.tip);
    const saved = await this.snapshot(update, place, `run-${run.id}-before`, outcome.marked);
    const { marked, step, conflicts } = outcome;
    const placement: Marked = {
      kind: 'marked',
      snapshot: saved,
      marked,
      step,
      conflicts,
      runId: run.id,
      isLaid: false,
    };
    await this.record.place(update, placement);
    await this.parts.checkpoint('base-update: about to lay');
    await this.parts.git.restoreSnapshot({ ...place, sha: marked, saved });
    await this.record.place(update, { ...placement, isLaid: true });
    await this.parts.checkpoint('base-update: laid');
  }

  /**
   * Takes the files with markers back after the turn, with what the agent made of them. Null when this run had nothing to
   * do with an update: what it changed is committed as always.
   */
  async afterTurn(run: Run, session: ChatSession): Promise<{ commit: Commit | null; notice: string } | null> {
    const update = await this.record.underWay(session.key);
    if (!update?.placement) return null;
    await this.parts.agents.end(session.id);
    const place = await this.open(session);
    let placement = update.placement;
    if (placement.kind === 'marked') {
      await this.putBack(update, place, `run-${run.id}-after`);
      const outcome = await this.compute(update, place, run.createdAt);
      if (outcome.kind === 'conflicts') {
        await this.record.conflicted(session, update, outcome, place.tip);
        return {
          commit: null,
          notice: stillOpen(
            update,
            unresolved(update).map(({ path }) => path),
          ),
        };
      }
      if (outcome.kind === 'up-to-date') {
        await this.record.upToDate(session, update, outcome.baseSha, place.tip);
        return { commit: null, notice: `This chat has all of ${update.baseBranch} already.` };
      }
      placement = await this.prepare(update, place, outcome, `run-${run.id}-result`);
    }
    const keptPaths = await this.putInPlace(update, place, placement);
    await this.record.applied(session, update, { placement, keptPaths, tellAs: null });
    await this.letGo(update, place);
    const { sha, title, files } = placement.computed;
    const total = (key: 'additions' | 'deletions') => files.reduce((sum, file) => sum + file[key], 0);
    const commit = {
      sha,
      title,
      files,
      skippedPaths: [],
      additions: total('additions'),
      deletions: total('deletions'),
    };
    return { commit, notice: this.record.summary(update, placement, keptPaths) };
  }

  /** At the start of the runner: what a turn left in the workspace when the program ended goes back, with what was made of it. */
  async takeBackRemains(runnerId: string): Promise<void> {
    for (const { update, session } of await this.record.leftInPlace(runnerId)) {
      await this.putBack(update, await this.open(session), `start-${Date.now()}`);
    }
  }

  private async open(session: ChatSession): Promise<UpdatePlace & { tip: string | null }> {
    const { path, basePath, headSha } = await this.parts.preparation.workspace(session);
    return { sessionId: session.id, path, basePath, branch: session.branch, tip: headSha };
  }

  private async compute(
    update: BaseUpdate,
    place: UpdatePlace & { tip: string | null },
    at: Date,
    signal?: AbortSignal,
  ): Promise<BaseUpdateOutcome> {
    const { strategy, baseBranch, decisions } = update;
    return this.parts.git.computeBaseUpdate(
      {
        ...{ ...place, strategy, baseBranch, decisions: decisions.files, edits: decisions.edits },
        ...{ author: await this.author(update), at: at.getTime() },
      },
      signal ? { signal } : {},
    );
  }

  /** Everything that can refuse comes first: what is not committed and does not fit is named before a file is touched. */
  private async prepare(
    update: BaseUpdate,
    place: UpdatePlace & { tip: string | null },
    computed: Result['computed'],
    label: string,
  ): Promise<Result> {
    const { git, checkpoint } = this.parts;
    const ref = this.ref(update, place, label);
    const saved = await git.snapshot({
      ...place,
      ref,
      title: `Before an update from ${update.baseBranch}`,
      replacedBy: computed.sha,
    });
    await checkpoint('base-update: kept');
    let files: string | null = null;
    if (saved.hasUncommitted) {
      const { basePath, tip: from } = place;
      const carried = await git.carryOver({ basePath, snapshot: saved.sha, from, to: computed.sha });
      if (carried.kind === 'conflicts') {
        throw new OperationFailed(
          'UNCOMMITTED_CHANGES',
          `The update changes files in which something is not committed, or that lie there without being part of the repository: ${named(carried.paths)}. Send a message, which commits what git knows of, or move the files away. Nothing was changed.`,
        );
      }
      files = carried.sha;
    }
    const placement: Result = { kind: 'result', snapshot: saved.sha, files, computed };
    await this.record.place(update, placement);
    await checkpoint('base-update: about to place');
    return placement;
  }

  /** Done twice, it does no more than once. What goes wrong in the middle is taken back. */
  private async putInPlace(update: BaseUpdate, place: UpdatePlace, placement: Result): Promise<string[]> {
    const { git, checkpoint } = this.parts;
    const { snapshot: saved, files, computed } = placement;
    try {
      const { keptPaths } = files
        ? await git.restoreSnapshot({ ...place, sha: files, saved })
        : await git.resetWorkspace({ ...place, sha: computed.sha, saved });
      await checkpoint('base-update: placed');
      return keptPaths;
    } catch (error) {
      if (error instanceof GitError && error.code === 'aborted') throw error;
      await git.restoreSnapshot({ ...place, sha: saved, saved: files ?? computed.sha });
      await this.record.place(update, null);
      throw error;
    }
  }

  /** Ends what was cut off: a result that was being put in place is taken back, files with markers too, with what was made of them. */
  private async putBack(update: BaseUpdate, place: UpdatePlace, label: string): Promise<void> {
    const { git, checkpoint } = this.parts;
    const { placement } = update;
    if (!placement) return;
    if (placement.kind === 'result') {
      await git.restoreSnapshot({
        ...place,
        sha: placement.snapshot,
        saved: placement.files ?? placement.computed.sha,
      });
      await this.record.place(update, null);
      return;
    }
    const { snapshot, marked, isLaid, step, conflicts } = placement;
    const found = await this.snapshot(update, place, label);
    if (isLaid) {
      const { basePath, branch } = place;
      const { baseBranch } = update;
      const made = await git.agentResolutions({ basePath, branch, baseBranch, marked, found, conflicts, step });
      await this.record.decided(update, made);
      await checkpoint('base-update: decided');
    }
    await git.restoreSnapshot({ ...place, sha: snapshot, saved: found });
    await checkpoint('base-update: taken back');
    await this.record.place(update, null);
  }

  private async snapshot(update: BaseUpdate, place: UpdatePlace, label: string, replacedBy?: string): Promise<string> {
    const { sha } = await this.parts.git.snapshot({
      ...{ ...place, ref: this.ref(update, place, label), title: `During an update from ${update.baseBranch}` },
      ...(replacedBy ? { replacedBy } : {}),
    });
    return sha;
  }

  private ref(update: BaseUpdate, place: UpdatePlace, label: string): string {
    return `${this.refs(update, place)}/${label}`;
  }

  private refs({ id }: BaseUpdate, { sessionId }: UpdatePlace): string {
    return `${rescuePrefix(sessionId)}update-${id}`;
  }

  /** All of it is in the branch and the files now. */
  private async letGo(update: BaseUpdate, place: UpdatePlace): Promise<void> {
    await this.parts.git.deleteRefs({ path: place.basePath, prefix: this.refs(update, place) });
  }

  private async author({ requestedBy }: BaseUpdate): Promise<Signature> {
    const user = requestedBy === null ? null : await this.parts.dataSource.manager.findOneBy(User, { id: requestedBy });
    return { name: user?.name ?? 'Somebody', email: user?.email ?? `${user?.id ?? 'unknown'}@kosuke.invalid` };
  }
}

function unresolvedConflicts(paths: string[]): OperationFailed {
  return new OperationFailed(
    'UNRESOLVED_CONFLICTS',
    `Not resolved yet: ${named(paths)}. Resolve them first, or abort the update.`,
  );
}

function stillOpen({ baseBranch, conflictedCommit }: BaseUpdate, paths: string[]): string {
  const where = conflictedCommit ? ` in "${conflictedCommit.title}"` : '';
  return `The update from ${baseBranch} is not complete: still open${where} ${paths.length === 1 ? 'is' : 'are'} ${named(paths)}. What was resolved is kept beside the workspace, which is as it was before this turn.`;
}
