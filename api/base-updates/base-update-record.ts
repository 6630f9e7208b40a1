import { type DataSource, In } from 'typeorm';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { GitError } from '../git/git-error.ts';
import type { AgentResolutions, BaseUpdateOutcome, MergeConflict } from '../git/updates.ts';
import { Message, MessageRole, MessageStatus } from '../messages/message.entity.ts';
import { nextNumber } from '../messages/numbering.ts';
import type { StoredPart } from '../messages/session-event.type.ts';
import { appendEvents } from '../messages/session-log.ts';
import type { WorkspaceOperation } from '../operations/operation.entity.ts';
import { OperationFailed } from '../operations/operation-handler.ts';
import type { Run } from '../runs/run.entity.ts';
import { commitData } from '../runs/run-recorder.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { BaseUpdate, BaseUpdateStatus, UNFINISHED_UPDATES } from './base-update.entity.ts';
import { isAbout } from './decisions.ts';
import { named } from './named-paths.ts';
import type { Placement } from './placement.ts';

type Change = Partial<Omit<BaseUpdate, 'id' | 'chatSessionKey'>>;
type Result = Extract<Placement, { kind: 'result' }>;

interface Applied {
  placement: Result;
  /** What was in the way, and has other names now. */
  keptPaths: string[];
  /** The operation that tells of it in a message of its own; null when a turn does. */
  tellAs: WorkspaceOperation | null;
}

/** Writes down how far updates from the base are, on the runner. */
export class BaseUpdateRecord {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
  ) {}

  read(id: number): Promise<BaseUpdate> {
    return this.dataSource.manager.findOneByOrFail(BaseUpdate, { id });
  }

  underWay(sessionKey: number): Promise<BaseUpdate | null> {
    return this.dataSource.manager.findOneBy(BaseUpdate, {
      chatSessionKey: sessionKey,
      status: In(UNFINISHED_UPDATES),
    });
  }

  /** Whether a run answers the message in which the agent was asked to resolve the conflicts. */
  async isAskedFor({ agentRequest }: BaseUpdate, { promptMessageId }: Run): Promise<boolean> {
    if (agentRequest === null || promptMessageId === null) return false;
    return this.dataSource.manager.existsBy(Message, { id: promptMessageId, clientMutationId: agentRequest });
  }

  /** Updates with something in the files that nobody is going to end: an operation under way does that itself. */
  async leftInPlace(runnerId: string): Promise<{ update: BaseUpdate; session: ChatSession }[]> {
    const { manager } = this.dataSource;
    const rows = (await manager.query(
      `SELECT update.id, update.chat_session_id AS key FROM base_updates AS update
       JOIN chat_sessions AS session ON session.id = update.chat_session_id
       WHERE session.runner_id = $1 AND session.deleted_at IS NULL AND session.workspace_status = 'ready'
         AND update.placement IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM workspace_operations WHERE chat_session_id = session.id AND status IN ('queued', 'running'))`,
      [runnerId],
    )) as { id: number; key: number }[];
    return Promise.all(
      rows.map(async ({ id, key }) => ({
        update: await this.read(id),
        session: await manager.findOneByOrFail(ChatSession, { key }),
      })),
    );
  }

  /** Before the files change, and after they did. */
  async place(update: BaseUpdate, placement: Placement | null): Promise<void> {
    await this.dataSource.manager.update(BaseUpdate, { id: update.id }, { placement: placement as object });
    update.placement = placement;
  }

  async conflicted(
    session: ChatSession,
    update: BaseUpdate,
    { baseSha, commit, conflicts, decided }: Extract<BaseUpdateOutcome, { kind: 'conflicts' }>,
    tipBefore: string | null,
  ): Promise<void> {
    // Of what is decided, the text with markers is still there for whoever decides again.
    const shown = decided.map((conflict) => ({ ...conflict, marked: markedBefore(update, conflict) }));
    await this.save(session, update, {
      ...{ baseSha, tipBefore, conflictedCommit: commit, status: BaseUpdateStatus.CONFLICTED },
      conflicts: [...conflicts, ...shown].sort((one, other) => (one.path < other.path ? -1 : 1)),
    });
  }

  /** What a person decided in the meantime counts more than what the agent made of it. */
  async decided(update: BaseUpdate, { decisions, edits }: AgentResolutions): Promise<void> {
    await this.work.run(async (tx) => {
      const current = await tx.db.findOneOrFail(BaseUpdate, {
        where: { id: update.id },
        lock: { mode: 'pessimistic_write' },
      });
      const files = [...current.decisions.files, ...decisions.filter(({ path }) => !isDecided(current, path))];
      const others = current.decisions.edits.filter(
        (old) => !edits.some(({ path, step }) => path === old.path && step === old.step),
      );
      update.decisions = { files, edits: [...others, ...edits] };
      await tx.db.update(BaseUpdate, { id: update.id }, { decisions: update.decisions as object });
    });
  }

  upToDate(session: ChatSession, update: BaseUpdate, baseSha: string, tipBefore: string | null): Promise<void> {
    return this.save(session, update, ended(BaseUpdateStatus.UP_TO_DATE, { baseSha, tipBefore }));
  }

  aborted(session: ChatSession, update: BaseUpdate): Promise<void> {
    return this.save(session, update, ended(BaseUpdateStatus.ABORTED));
  }

  failed(session: ChatSession, update: BaseUpdate, error: unknown): Promise<void> {
    const known = error instanceof OperationFailed || error instanceof GitError ? error : null;
    const errorCode = known?.code ?? 'unexpected';
    const errorMessage = known?.message ?? 'Something went wrong in Kosuke itself. The log of the server says more.';
    return this.save(session, update, ended(BaseUpdateStatus.FAILED, { errorCode, errorMessage }));
  }

  /** All in one: the update is over, and the conversation says so. */
  applied(session: ChatSession, update: BaseUpdate, { placement, keptPaths, tellAs }: Applied): Promise<void> {
    const { sha, baseSha } = placement.computed;
    const change = ended(BaseUpdateStatus.APPLIED, { resultSha: sha, baseSha, conflictedCommit: null, conflicts: [] });
    return this.save(session, update, change, async (tx) => {
      await tx.db.query('UPDATE chat_sessions SET head_sha = $2 WHERE id = $1', [session.key, sha]);
      await tx.db.query(
        `INSERT INTO branches (project_id, name, commit_sha) VALUES ($1, $2, $3)
         ON CONFLICT (project_id, name) DO UPDATE SET commit_sha = excluded.commit_sha`,
        [session.projectId, session.branch, sha],
      );
      if (tellAs) await tell(tx, session, tellAs, placement, this.summary(update, placement, keptPaths));
    });
  }

  /** What came of it, for the conversation. */
  summary({ baseBranch, strategy }: BaseUpdate, { computed, files }: Result, keptPaths: string[]): string {
    const { isFastForward, taken, dropped, changed } = computed;
    const commits = `${taken} ${taken === 1 ? 'commit' : 'commits'} of ${baseBranch}`;
    const how = isFastForward
      ? `This chat moved on to ${baseBranch}: ${commits} came in.`
      : strategy === 'merge'
        ? `${commits} came into this chat by a merge.`
        : `The commits of this chat were made anew on top of ${baseBranch}, which brought ${commits}.`;
    const sentences = [how, `${changed} ${changed === 1 ? 'file' : 'files'} changed.`];
    if (dropped > 0) sentences.push(`${dropped} of its commits changed nothing any more and were left out.`);
    if (files) sentences.push('What was not committed was carried over.');
    if (keptPaths.length > 0) sentences.push(`In the way, and kept under other names: ${named(keptPaths)}.`);
    return sentences.join(' ');
  }

  private save(
    session: ChatSession,
    update: BaseUpdate,
    change: Change,
    also: (tx: Transaction) => Promise<void> = async () => undefined,
  ): Promise<void> {
    return this.work.run(async (tx) => {
      await tx.db.findOneOrFail(ChatSession, { where: { key: session.key }, lock: { mode: 'pessimistic_write' } });
      await tx.db.update(BaseUpdate, { id: update.id }, change as object);
      Object.assign(update, change);
      await also(tx);
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
    });
  }
}

function markedBefore({ conflicts }: BaseUpdate, conflict: MergeConflict): string | null {
  return conflicts.find((old) => isAbout(conflict, old))?.marked ?? null;
}

function isDecided({ decisions }: BaseUpdate, path: string): boolean {
  return decisions.files.some((decision) => decision.path === path);
}

function ended(status: BaseUpdateStatus, change: Change = {}): Change {
  return { ...change, status, placement: null, finishedAt: new Date() };
}

/** A message in which Kosuke itself says what came in, with the commit. */
async function tell(
  tx: Transaction,
  session: ChatSession,
  operation: WorkspaceOperation,
  { computed }: Result,
  text: string,
): Promise<void> {
  const { sha, title, files } = computed;
  const { identifiers } = await tx.db.insert(Message, {
    chatSessionKey: session.key,
    projectId: session.projectId,
    userId: operation.requestedBy,
    role: MessageRole.ASSISTANT,
    status: MessageStatus.COMPLETE,
    number: await nextNumber(tx, session.key),
    content: '',
    commitSha: sha,
    headSha: sha,
    operationId: operation.id,
  });
  const message = await tx.db.findOneByOrFail(Message, { id: Number(identifiers[0]?.id) });
  const total = (key: 'additions' | 'deletions') => files.reduce((sum, file) => sum + file[key], 0);
  const commit = { sha, title, files, skippedPaths: [], additions: total('additions'), deletions: total('deletions') };
  const parts: StoredPart[] = [
    { position: 0, kind: 'notice', text: '', data: { level: 'info', code: 'base-updated', text } },
    { position: 1, kind: 'commit', text: '', data: commitData(commit, session.branch) },
  ];
  await appendEvents(tx, session.key, [{ type: 'message.added', message, parts }]);
}
