import { setTimeout as delay } from 'node:timers/promises';
import { type DataSource, In } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { Conflict, type InvalidInput, NotFound, UserError } from '../graphql/user-error.ts';
import { jobsOf } from '../runner/jobs.ts';
import { Run, UNFINISHED } from '../runs/run.entity.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { maySeeSession } from '../sessions/session.policy.ts';
import { lockSession } from '../sessions/session.service.ts';
import { UNFINISHED_OPERATIONS, WorkspaceOperation, type WorkspaceOperationKind } from './operation.entity.ts';
import { operationChanged } from './operation.events.ts';

/** How long a mutation waits for its operation: most are done by then, and the answer says so. */
const SETTLE_MS = 8_000;

/** Why an operation was not even begun. */
export type Refusal = InvalidInput | NotFound | Conflict;

/** Asking for operations on workspaces, and waiting for them. Carrying them out is the runner's. */
export class OperationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly bus: EventBus,
  ) {}

  /**
   * Asks for an operation on a session's workspace and waits a while for its end. Refused while an answer or another
   * operation is under way. `input` runs under the lock of the session and may refuse, too.
   */
  async request(
    viewer: Viewer,
    sessionId: string,
    kind: WorkspaceOperationKind,
    input: (tx: Transaction, session: ChatSession) => Promise<object | Refusal> | object | Refusal = () => ({}),
  ): Promise<WorkspaceOperation | Refusal> {
    const begun = await this.work.run(async (tx) => {
      const session = await lockSession(tx.db, viewer, sessionId);
      if (!session || session.deletedAt) return new NotFound('This chat does not exist, or is not yours.');
      const busy = await whyBusy(tx, session.key);
      if (busy) return busy;
      const given = await input(tx, session);
      return given instanceof UserError ? (given as Refusal) : this.enqueue(tx, session, kind, given, viewer.id);
    });
    return begun instanceof WorkspaceOperation ? this.settled(begun) : begun;
  }

  /** Writes an operation down in the caller's transaction; it begins when what goes on in the session has ended. */
  async enqueue(
    tx: Transaction,
    session: ChatSession,
    kind: WorkspaceOperationKind,
    input: object,
    requestedBy: string | null,
  ): Promise<WorkspaceOperation | Conflict> {
    if (!session.runnerId)
      return new Conflict('NO_RUNNER', 'No runner is connected that holds this chat. Start one and try again.');
    const { identifiers } = await tx.db.insert(WorkspaceOperation, {
      chatSessionKey: session.key,
      kind,
      input,
      requestedBy,
    });
    const id = Number(identifiers[0]?.id);
    const queueName = `session:${session.key}`;
    await tx.addJob(jobsOf(session.runnerId).operation, { operationId: id }, { queueName });
    tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
    return tx.db.findOneByOrFail(WorkspaceOperation, { id });
  }

  async find(viewer: Viewer, id: string): Promise<WorkspaceOperation | null> {
    if (!/^\d{1,9}$/.test(id)) return null;
    const operation = await this.dataSource.manager.findOneBy(WorkspaceOperation, { id: Number(id) });
    if (!operation) return null;
    const session = await this.dataSource.manager.findOneBy(ChatSession, { key: operation.chatSessionKey });
    return session && maySeeSession(viewer, session) ? operation : null;
  }

  /** The operation as it is when it ends, or after a while when it goes on. */
  private async settled(operation: WorkspaceOperation): Promise<WorkspaceOperation> {
    const { id } = operation;
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const off = this.bus.on(operationChanged, String(id), (notice) => {
      if (notice.kind === 'missed' || notice.payload.hasEnded) end();
    });
    try {
      // It may have ended before anybody listened.
      const now = await this.dataSource.manager.findOneByOrFail(WorkspaceOperation, { id });
      if (!UNFINISHED_OPERATIONS.includes(now.status)) return now;
      await Promise.race([ended, delay(SETTLE_MS, undefined, { ref: false })]);
      return await this.dataSource.manager.findOneByOrFail(WorkspaceOperation, { id });
    } finally {
      off();
    }
  }
}

/** Whether something is under way in the workspace of a session, and what to do about it. */
export async function whyBusy(tx: Transaction, sessionKey: number): Promise<Conflict | null> {
  if (await tx.db.existsBy(Run, { chatSessionKey: sessionKey, status: In(UNFINISHED) })) {
    return new Conflict('RUN_UNDER_WAY', 'The agent is at work in this chat. Stop it, or wait until it has ended.');
  }
  return (await hasUnfinishedOperation(tx, sessionKey))
    ? new Conflict('OPERATION_UNDER_WAY', 'Something is being done to this workspace already. Wait until it has ended.')
    : null;
}

export function hasUnfinishedOperation(tx: Transaction, sessionKey: number): Promise<boolean> {
  return tx.db.existsBy(WorkspaceOperation, { chatSessionKey: sessionKey, status: In(UNFINISHED_OPERATIONS) });
}
