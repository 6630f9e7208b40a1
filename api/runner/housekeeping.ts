import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { beginPurge } from '../lifecycle/lifecycle.service.ts';
import type { LifecycleSettings } from '../lifecycle/lifecycle.settings.ts';
import { beginProjectPurge } from '../lifecycle/project-lifecycle.service.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import type { OperationService } from '../operations/operation.service.ts';
import { Project } from '../projects/project.entity.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';

const EVERY_MS = 60 * 60 * 1_000;

const IS_FREE_OF_WORK = `NOT EXISTS (SELECT FROM runs WHERE chat_session_id = session.id
    AND status IN ('queued', 'running', 'waiting_for_permission'))
  AND NOT EXISTS (SELECT FROM workspace_operations WHERE chat_session_id = session.id AND status IN ('queued', 'running'))`;

/** What could not be freed is not tried again every hour: it most likely needs a person. */
const HAS_NOT_JUST_FAILED = `NOT EXISTS (SELECT FROM workspace_operations WHERE chat_session_id = session.id
    AND kind IN ('archive', 'free') AND status = 'failed' AND finished_at > now() - interval '1 day')`;

const IS_THERE = `session.runner_id = $1 AND session.deleted_at IS NULL
  AND EXISTS (SELECT FROM projects WHERE id = session.project_id AND deleted_at IS NULL)`;

/**
 * What time brings about, looked at once an hour: archived sessions whose directory is to be freed or that go to the
 * trash, directories that nobody used for long, and what the trash has kept long enough.
 */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly operations: OperationService,
    private readonly settings: LifecycleSettings,
    private readonly runnerId: string,
    private readonly log: Logger,
  ) {}

  start(): void {
    const tidy = () => this.tidy().catch((err) => this.log.warn({ err }, 'What is old could not be put away'));
    void tidy();
    this.timer = setInterval(tidy, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async tidy(): Promise<void> {
    const { archiveHours, retentionDays, idleDays, trashDays } = this.settings;
    await this.each(
      `SELECT session.id FROM chat_sessions AS session JOIN projects AS project ON project.id = session.project_id
       WHERE ${IS_THERE} AND session.status = 'archived' AND coalesce(project.retention_days, $2) > 0
         AND greatest(session.last_activity_at, session.archived_at, session.restored_at)
           < now() - make_interval(days => coalesce(project.retention_days, $2))`,
      [this.runnerId, retentionDays],
      (tx, session) => this.putInTrash(tx, session),
    );
    await this.each(
      `SELECT session.id FROM chat_sessions AS session
       WHERE ${IS_THERE} AND session.status = 'archived' AND session.workspace_status <> 'cleaned'
         AND session.archived_at <= now() - make_interval(hours => $2) AND ${IS_FREE_OF_WORK} AND ${HAS_NOT_JUST_FAILED}`,
      [this.runnerId, archiveHours],
      (tx, session) => this.operations.enqueue(tx, session, WorkspaceOperationKind.ARCHIVE, {}, null),
    );
    if (idleDays > 0) {
      await this.each(
        `SELECT session.id FROM chat_sessions AS session
         WHERE ${IS_THERE} AND session.status <> 'archived' AND session.workspace_status = 'ready'
           AND greatest(session.last_activity_at, session.updated_at, session.restored_at)
             < now() - make_interval(days => $2) AND ${IS_FREE_OF_WORK} AND ${HAS_NOT_JUST_FAILED}`,
        [this.runnerId, idleDays],
        (tx, session) => this.operations.enqueue(tx, session, WorkspaceOperationKind.FREE, {}, null),
      );
    }
    await this.each(
      `SELECT id FROM chat_sessions WHERE runner_id = $1
         AND (deleted_at <= now() - make_interval(days => $2) OR purging_since IS NOT NULL)`,
      [this.runnerId, trashDays],
      beginPurge,
    );
    await this.emptyTrashOfProjects(trashDays);
  }

  private async emptyTrashOfProjects(trashDays: number): Promise<void> {
    const rows = (await this.dataSource.query(
      `SELECT id FROM projects WHERE runner_id = $1
         AND (deleted_at <= now() - make_interval(days => $2) OR purging_since IS NOT NULL)`,
      [this.runnerId, trashDays],
    )) as { id: number }[];
    for (const { id } of rows) {
      await this.work.run(async (tx) => {
        const project = await tx.db.findOne(Project, { where: { id }, lock: { mode: 'pessimistic_write' } });
        if (project?.deletedAt) await beginProjectPurge(tx, project);
      });
    }
  }

  /** One transaction for each, with the question asked again under its lock: it may have changed since. */
  private async each(
    query: string,
    parameters: unknown[],
    act: (tx: Transaction, session: ChatSession) => Promise<unknown>,
  ): Promise<void> {
    const rows = (await this.dataSource.query(query, parameters)) as { id: number }[];
    for (const { id } of rows) {
      await this.work.run(async (tx) => {
        const session = await tx.db.findOne(ChatSession, { where: { key: id }, lock: { mode: 'pessimistic_write' } });
        const stillSo = ((await tx.db.query(query, parameters)) as { id: number }[]).some((row) => row.id === id);
        if (session && stillSo) await act(tx, session);
      });
    }
  }

  private async putInTrash(tx: Transaction, session: ChatSession): Promise<void> {
    await tx.db.query('UPDATE chat_sessions SET deleted_at = now(), delete_branch = FALSE WHERE id = $1', [
      session.key,
    ]);
    tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
    this.log.info({ session: session.id }, 'Retention put an archived session in the trash');
  }
}
