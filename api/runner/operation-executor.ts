import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { GitProgress } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import { UNFINISHED_OPERATIONS, WorkspaceOperation, WorkspaceOperationStatus } from '../operations/operation.entity.ts';
import { operationChanged } from '../operations/operation.events.ts';
import { OperationFailed, type OperationHandlers } from '../operations/operation-handler.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import type { BranchWatch } from './branch-watch.ts';
import { NotPrepared } from './preparation.ts';

const PROGRESS_EVERY_MS = 250;
/** So many files are named as standing in the way. */
const MAX_PATHS = 100;

type Change = Partial<
  Pick<WorkspaceOperation, 'status' | 'step' | 'progress' | 'result' | 'errorCode' | 'errorMessage' | 'finishedAt'>
>;

/** Carries out operations on workspaces, and writes down how far they are. */
export class OperationExecutor {
  private readonly abort = new AbortController();

  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly handlers: OperationHandlers,
    private readonly branches: BranchWatch,
    private readonly log: Logger,
  ) {}

  /** The program ends: what is under way is cut off and begun anew at the next start. */
  stopAll(): void {
    this.abort.abort();
  }

  async execute(operationId: number): Promise<void> {
    const operation = await this.dataSource.manager.findOneBy(WorkspaceOperation, { id: operationId });
    if (!operation || !UNFINISHED_OPERATIONS.includes(operation.status)) return;
    const session = await this.dataSource.manager.findOneBy(ChatSession, { key: operation.chatSessionKey });
    if (!session) return;
    const { signal } = this.abort;
    await this.save(operation, session, { status: WorkspaceOperationStatus.RUNNING });
    let end: Change;
    try {
      const report = this.progressOf(operation, session);
      const result = await this.handlers[operation.kind]({ operation, session, report, signal });
      end = { status: WorkspaceOperationStatus.SUCCEEDED, result: result ?? {} };
    } catch (error) {
      if (signal.aborted) return;
      end = { status: WorkspaceOperationStatus.FAILED, ...this.explain(error, operation, session) };
    }
    await this.save(operation, session, { ...end, step: null, progress: null, finishedAt: new Date() });
    this.branches.check(session.key);
  }

  private explain(error: unknown, { kind }: WorkspaceOperation, session: ChatSession): Change {
    if (error instanceof OperationFailed || error instanceof GitError) {
      this.log.warn({ err: error.cause ?? error, session: session.id }, `The operation ${kind} was not done`);
      const paths = error instanceof OperationFailed ? error.paths.slice(0, MAX_PATHS) : [];
      return { errorCode: error.code, errorMessage: error.message, result: { paths } };
    }
    if (error instanceof NotPrepared) return { errorCode: error.code, errorMessage: error.message };
    this.log.error({ err: error, session: session.id }, `The operation ${kind} failed unexpectedly`);
    return {
      errorCode: 'unexpected',
      errorMessage: 'Something went wrong in Kosuke itself, and nothing was lost. The log of the server says more.',
    };
  }

  private progressOf(operation: WorkspaceOperation, session: ChatSession): (progress: GitProgress) => void {
    let lastAt = 0;
    return ({ phase, fraction }) => {
      if (Date.now() - lastAt < PROGRESS_EVERY_MS) return;
      lastAt = Date.now();
      this.save(operation, session, { step: phase, progress: fraction ?? null }).catch(() => undefined);
    };
  }

  /** Only while it has not ended: a late word of progress must not hide how it ended. */
  private save(operation: WorkspaceOperation, session: ChatSession, change: Change): Promise<void> {
    return this.work.run(async (tx) => {
      await tx.db
        .createQueryBuilder()
        .update(WorkspaceOperation)
        .set(change as object)
        .where('id = :id AND status IN (:...open)', { id: operation.id, open: UNFINISHED_OPERATIONS })
        .execute();
      tx.publish(operationChanged, String(operation.id), { hasEnded: change.finishedAt !== undefined });
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
    });
  }
}
