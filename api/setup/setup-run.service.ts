import { GraphQLError } from 'graphql';
import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { flatMap } from '../events/flat-map.ts';
import { startWith } from '../events/start-with.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import type { OperationService } from '../operations/operation.service.ts';
import { ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { maySeeSession } from '../sessions/session.policy.ts';
import { lockSession } from '../sessions/session.service.ts';
import { setupChanged, setupStopRequested } from './setup.events.ts';
import type { SetupLogAppended } from './setup.results.ts';
import { SetupRun, SetupRunStatus } from './setup-run.entity.ts';

const notFound = () => new NotFound('This chat does not exist, or is not yours.');

/** How far a watcher of a session's setups has seen. */
interface Seen {
  setupRunId: number | null;
  offset: number;
  status: SetupRunStatus | null;
}

/** Asking for setups of workspaces, stopping and watching them. Carrying them out is the runner's. */
export class SetupRunService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly bus: EventBus,
    private readonly operations: OperationService,
  ) {}

  /** Behind the making of a new workspace and before anything is said in it; nothing when its project has no setup. */
  async enqueueFirst(tx: Transaction, session: ChatSession): Promise<void> {
    if (!session.runnerId || !(await hasSetup(tx, session.projectId))) return;
    const setupRunId = await insertRun(tx, session, true);
    await this.operations.enqueue(tx, session, WorkspaceOperationKind.SETUP, { setupRunId }, session.userId);
  }

  /** Sets the workspace up once more, with the settings of now. */
  rerun(viewer: Viewer, sessionId: string) {
    return this.operations.request(viewer, sessionId, WorkspaceOperationKind.SETUP, async (tx, session) => {
      if (session.status !== ChatSessionStatus.ACTIVE) {
        return new Conflict('SESSION_NOT_ACTIVE', `This chat is ${session.status}. Bring it back first.`);
      }
      if (!session.runnerId) return new Conflict('NO_RUNNER', 'No runner is connected that holds this chat.');
      if (!(await hasSetup(tx, session.projectId))) {
        return new Conflict('NO_SETUP', 'This project has neither a setup script nor files for its workspaces.');
      }
      return { setupRunId: await insertRun(tx, session, false) };
    });
  }

  /** Ends the setup that waits or is at work. What it has made stays. */
  stop(viewer: Viewer, sessionId: string): Promise<SetupRun | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const session = await lockSession(tx.db, viewer, sessionId);
      if (!session) return notFound();
      return (
        (await this.stopIn(tx, session)) ??
        new Conflict('SETUP_NOT_RUNNING', 'There is no setup under way in this workspace.')
      );
    });
  }

  /** Null when none is under way. */
  async stopIn(tx: Transaction, session: ChatSession): Promise<SetupRun | null> {
    const [run] = (await tx.db.query(
      `UPDATE setup_runs SET stop_requested_at = coalesce(stop_requested_at, now()),
         status = CASE WHEN status = 'queued' THEN 'stopped' ELSE status END,
         message = CASE WHEN status = 'queued' THEN 'It was stopped before it began.' ELSE message END,
         finished_at = CASE WHEN status = 'queued' THEN now() ELSE finished_at END
       WHERE chat_session_id = $1 AND status IN ('queued', 'running') RETURNING id`,
      [session.key],
    )) as [{ id: number }[], number];
    const [first] = run;
    if (!first) return null;
    if (session.runnerId) tx.publish(setupStopRequested, session.runnerId, { setupRunId: first.id });
    tx.publish(setupChanged, String(session.key), { setupRunId: first.id });
    tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
    return tx.db.findOneByOrFail(SetupRun, { id: first.id });
  }

  /** What is kept of the log, whole. */
  async log(run: SetupRun): Promise<string> {
    return (await this.chunksFrom(run.id, 0)).map(({ text }) => text).join('');
  }

  /**
   * The log of the newest setup from `after` on, and what is still to come, also of setups that begin later. `after` counts
   * in `setupRunId`: when another setup has begun since, its log comes from its beginning.
   * @throws GraphQLError NOT_FOUND
   */
  async watch(
    viewer: Viewer,
    sessionId: string,
    setupRunId: string | null | undefined,
    after: number | null | undefined,
  ): Promise<AsyncIterableIterator<SetupLogAppended>> {
    const session = await this.dataSource.manager.findOneBy(ChatSession, { id: sessionId });
    if (!session || !maySeeSession(viewer, session)) {
      throw new GraphQLError('This chat does not exist, or is not yours.', { extensions: { code: 'NOT_FOUND' } });
    }
    const seen: Seen = { setupRunId: Number(setupRunId) || null, offset: Math.max(0, after ?? 0), status: null };
    // Listens before it reads; then reads once without having been told.
    const notices = startWith(this.bus.subscribe(setupChanged, String(session.key)), { kind: 'missed' } as const);
    return flatMap(notices, () => this.news(session.key, seen));
  }

  private async news(sessionKey: number, seen: Seen): Promise<SetupLogAppended[]> {
    const [setup] = await this.dataSource.manager.find(SetupRun, {
      where: { chatSessionKey: sessionKey },
      order: { id: 'DESC' },
      take: 1,
    });
    if (!setup) return [];
    if (seen.setupRunId !== null && seen.setupRunId !== setup.id) Object.assign(seen, { offset: 0, status: null });
    seen.setupRunId = setup.id;
    const chunks = await this.chunksFrom(setup.id, seen.offset);
    const text = chunks.map(({ start, text }) => text.slice(Math.max(0, seen.offset - start))).join('');
    if (text === '' && seen.status === setup.status) return [];
    const event = { setupRunId: String(setup.id), offset: seen.offset, text, setup };
    Object.assign(seen, { offset: seen.offset + text.length, status: setup.status });
    return [event];
  }

  /** The pieces of a log that reach beyond an offset. */
  private chunksFrom(setupRunId: number, offset: number): Promise<{ start: number; text: string }[]> {
    return this.dataSource.query(
      `SELECT start, text FROM setup_log_chunks WHERE setup_run_id = $1 AND start >= coalesce(
         (SELECT max(start) FROM setup_log_chunks WHERE setup_run_id = $1 AND start <= $2), 0) ORDER BY start`,
      [setupRunId, offset],
    );
  }
}

async function hasSetup(tx: Transaction, projectId: number): Promise<boolean> {
  const rows = (await tx.db.query(
    `SELECT 1 FROM project_setups WHERE project_id = $1
       AND (script IS NOT NULL OR runs_repository_script OR cardinality(copied_files) > 0)
     UNION ALL (SELECT 1 FROM project_files WHERE project_id = $1 LIMIT 1)`,
    [projectId],
  )) as unknown[];
  return rows.length > 0;
}

async function insertRun(tx: Transaction, session: ChatSession, isFirst: boolean): Promise<number> {
  const { identifiers } = await tx.db.insert(SetupRun, { chatSessionKey: session.key, isFirst });
  const id = Number(identifiers[0]?.id);
  tx.publish(setupChanged, String(session.key), { setupRunId: id });
  return id;
}
