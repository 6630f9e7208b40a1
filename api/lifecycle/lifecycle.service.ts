import { In, IsNull, Not } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { UNFINISHED_OPERATIONS, WorkspaceOperation, WorkspaceOperationKind } from '../operations/operation.entity.ts';
import type { OperationService } from '../operations/operation.service.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { jobsOf } from '../runner/jobs.ts';
import type { RunService } from '../runs/run.service.ts';
import { ChatSession, WorkspaceStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { maySeeSession } from '../sessions/session.policy.ts';
import { lockSession, type SetupQueue } from '../sessions/session.service.ts';
import type { LifecycleSettings } from './lifecycle.settings.ts';

const { ARCHIVE, FREE, UNARCHIVE } = WorkspaceOperationKind;

const notFound = () => new NotFound('This chat does not exist, or is not yours.');

/** Putting sessions away and getting them back: the archive, and the trash. The runner frees and fills the disk. */
export class LifecycleService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly projects: ProjectService,
    private readonly runs: RunService,
    private readonly operations: OperationService,
    private readonly setups: Pick<SetupQueue, 'stopIn'>,
    readonly settings: LifecycleSettings,
  ) {}

  /** What runs in it is stopped; then its directory is freed, at once or when the set time has passed. */
  archive(viewer: Viewer, id: string): Promise<ChatSession | NotFound | Conflict> {
    return this.change(viewer, id, async (tx, session) => {
      if (session.deletedAt) return inTrash();
      await this.runs.stopAll(tx, session);
      await this.setups.stopIn(tx, session);
      await tx.db.query(
        `UPDATE chat_sessions SET status = 'archived', archived_at = now(), updated_at = now()
         WHERE id = $1 AND status <> 'archived'`,
        [session.key],
      );
      const isDue = this.settings.archiveHours === 0 && session.runnerId !== null;
      if (isDue && !(await willBeFreed(tx, session))) {
        await this.operations.enqueue(tx, session, ARCHIVE, {}, viewer.id);
      }
      return undefined;
    });
  }

  /** Active again, whatever it was; a directory that was freed is brought back, and what is sent meanwhile waits for it. */
  unarchive(viewer: Viewer, id: string): Promise<ChatSession | NotFound | Conflict> {
    return this.change(viewer, id, async (tx, session) => {
      if (session.deletedAt) return inTrash();
      await tx.db.query(
        "UPDATE chat_sessions SET status = 'active', archived_at = NULL, updated_at = now() WHERE id = $1",
        [session.key],
      );
      if (await willBeFreed(tx, session)) {
        const asked = await this.operations.enqueue(tx, session, UNARCHIVE, {}, viewer.id);
        if (asked instanceof Conflict) return asked;
      }
      return undefined;
    });
  }

  /** To the trash; what runs in it is stopped, everything is kept until the trash is emptied. */
  async delete(viewer: Viewer, id: string, deleteBranch: boolean): Promise<ChatSession | NotFound> {
    const result = await this.change(viewer, id, async (tx, session) => {
      await this.runs.stopAll(tx, session);
      await this.setups.stopIn(tx, session);
      await tx.db.query(
        'UPDATE chat_sessions SET deleted_at = coalesce(deleted_at, now()), delete_branch = $2 WHERE id = $1',
        [session.key, deleteBranch],
      );
      return undefined;
    });
    return result instanceof Conflict ? notFound() : result;
  }

  restore(viewer: Viewer, id: string): Promise<ChatSession | NotFound | Conflict> {
    return this.change(viewer, id, async (tx, session) => {
      await tx.db.query(
        `UPDATE chat_sessions SET deleted_at = NULL, delete_branch = FALSE, restored_at = now()
         WHERE id = $1 AND deleted_at IS NOT NULL`,
        [session.key],
      );
      return undefined;
    });
  }

  /** From the trash, for good, without waiting for its day. From now on it is gone for everybody. */
  purge(viewer: Viewer, id: string): Promise<ChatSession | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const session = await lockSession(tx.db, viewer, id);
      if (!session) return notFound();
      if (!session.deletedAt) {
        return new Conflict('NOT_IN_TRASH', 'Only a chat in the trash can be deleted for good. Delete it first.');
      }
      await beginPurge(tx, session);
      return session;
    });
  }

  /** Everything in the trash of a project that the viewer may see. Returns how many sessions that is. */
  emptyTrash(viewer: Viewer, projectId: string): Promise<number | NotFound> {
    return this.work.run(async (tx) => {
      const project = await this.projects.find(viewer, projectId, tx.db);
      if (!project) return new NotFound('This project does not exist, or is not yours.');
      const found = await tx.db.find(ChatSession, {
        where: { projectId: project.id, deletedAt: Not(IsNull()), purgingSince: IsNull() },
        lock: { mode: 'pessimistic_write' },
        order: { key: 'ASC' },
      });
      const sessions = found.filter((session) => maySeeSession(viewer, session));
      for (const session of sessions) await beginPurge(tx, session);
      return sessions.length;
    });
  }

  private change(
    viewer: Viewer,
    id: string,
    change: (tx: Transaction, session: ChatSession) => Promise<Conflict | undefined>,
  ): Promise<ChatSession | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const session = await lockSession(tx.db, viewer, id);
      if (!session) return notFound();
      const refused = await change(tx, session);
      if (refused) return refused;
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
      return tx.db.findOneByOrFail(ChatSession, { key: session.key });
    });
  }
}

/** The runner takes it apart when what goes on in the session has ended; until then its row remembers that. */
export async function beginPurge(tx: Transaction, session: ChatSession): Promise<void> {
  await tx.db.query('UPDATE chat_sessions SET purging_since = coalesce(purging_since, now()) WHERE id = $1', [
    session.key,
  ]);
  if (session.runnerId) {
    const options = { queueName: `session:${session.key}`, jobKey: `purge-session:${session.key}` };
    await tx.addJob(jobsOf(session.runnerId).purgeSession, { sessionKey: session.key }, options);
  }
  tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'removed' });
}

/** Whether its directory is freed, or will be when what was asked for is done. */
async function willBeFreed(tx: Transaction, session: ChatSession): Promise<boolean> {
  const newest = await tx.db.findOne(WorkspaceOperation, {
    where: {
      chatSessionKey: session.key,
      kind: In([ARCHIVE, FREE, UNARCHIVE]),
      status: In(UNFINISHED_OPERATIONS),
    },
    order: { id: 'DESC' },
  });
  return newest ? newest.kind !== UNARCHIVE : session.workspaceStatus === WorkspaceStatus.CLEANED;
}

function inTrash(): Conflict {
  return new Conflict('IN_TRASH', 'This chat is in the trash. Restore it first.');
}
