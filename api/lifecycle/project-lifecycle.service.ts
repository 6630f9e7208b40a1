import { In, IsNull, Not } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { Project } from '../projects/project.entity.ts';
import { ALL_PROJECTS, projectChanged } from '../projects/project.events.ts';
import { maySeeProject } from '../projects/project.policy.ts';
import { jobsOf } from '../runner/jobs.ts';
import { UNFINISHED } from '../runs/run.entity.ts';
import type { RunService } from '../runs/run.service.ts';
import { ChatSession } from '../sessions/session.entity.ts';

const notFound = () => new NotFound('This project does not exist, or is not yours.');

/** Putting projects away, with all their sessions, and getting them back. */
export class ProjectLifecycleService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly runs: RunService,
  ) {}

  /** To the trash; what runs in its sessions is stopped. Files and rows are kept until the trash is emptied. */
  delete(viewer: Viewer, id: string): Promise<Project | NotFound> {
    return this.work.run(async (tx) => {
      const project = await lockProject(tx, viewer, id, { inTrash: false });
      if (!project) return notFound();
      await tx.db.update(Project, { id: project.id }, { deletedAt: new Date() });
      for (const session of await sessionsAtWork(tx, project)) await this.runs.stopAll(tx, session);
      tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'removed' });
      return project;
    });
  }

  /** Out of the trash, with its sessions as they were. */
  restore(viewer: Viewer, id: string): Promise<Project | NotFound> {
    return this.work.run(async (tx) => {
      const project = await lockProject(tx, viewer, id, { inTrash: true });
      if (!project) return notFound();
      await tx.db.update(Project, { id: project.id }, { deletedAt: null });
      tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'created' });
      return tx.db.findOneByOrFail(Project, { id: project.id });
    });
  }

  /** From the trash, for good, without waiting for its day. */
  purge(viewer: Viewer, id: string): Promise<Project | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const project = await lockProject(tx, viewer, id, { inTrash: true });
      if (!project) {
        return (await lockProject(tx, viewer, id, { inTrash: false }))
          ? new Conflict('NOT_IN_TRASH', 'Only a project in the trash can be deleted for good. Delete it first.')
          : notFound();
      }
      if (!(await beginProjectPurge(tx, project))) {
        return new Conflict('AT_WORK', 'Something is still being done in this project. Wait until it has ended.');
      }
      return project;
    });
  }
}

/** The runner takes it apart. Not while anything is under way in it: that would make its folders anew. */
export async function beginProjectPurge(tx: Transaction, project: Project): Promise<boolean> {
  if ((await sessionsAtWork(tx, project)).length > 0) return false;
  const unfinished = (await tx.db.query(
    `SELECT 1 FROM workspace_operations AS operation JOIN chat_sessions AS session ON session.id = operation.chat_session_id
     WHERE session.project_id = $1 AND operation.status IN ('queued', 'running') LIMIT 1`,
    [project.id],
  )) as unknown[];
  if (unfinished.length > 0) return false;
  await tx.db.query('UPDATE projects SET purging_since = coalesce(purging_since, now()) WHERE id = $1', [project.id]);
  if (project.runnerId) {
    const options = { queueName: `project:${project.id}`, jobKey: `purge-project:${project.id}` };
    await tx.addJob(jobsOf(project.runnerId).purgeProject, { projectId: project.id }, options);
  }
  tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'removed' });
  return true;
}

async function sessionsAtWork(tx: Transaction, project: Project): Promise<ChatSession[]> {
  const keys = (await tx.db.query(
    `SELECT DISTINCT session.id FROM chat_sessions AS session JOIN runs AS run ON run.chat_session_id = session.id
     WHERE session.project_id = $1 AND run.status = ANY ($2) ORDER BY session.id`,
    [project.id, UNFINISHED],
  )) as { id: number }[];
  return tx.db.find(ChatSession, {
    where: { key: In(keys.map(({ id }) => id)) },
    order: { key: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
}

async function lockProject(
  tx: Transaction,
  viewer: Viewer,
  id: string,
  { inTrash }: { inTrash: boolean },
): Promise<Project | null> {
  if (!/^\d{1,9}$/.test(id)) return null;
  const project = await tx.db.findOne(Project, {
    where: { id: Number(id), deletedAt: inTrash ? Not(IsNull()) : IsNull() },
    lock: { mode: 'pessimistic_write' },
  });
  return project && maySeeProject(viewer, project) ? project : null;
}
