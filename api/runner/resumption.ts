import type { UnitOfWork } from '../database/unit-of-work.ts';
import { jobsOf } from './jobs.ts';

/**
 * What a runner does before it takes jobs: projects and sessions that came over from an older version, and so have no
 * runner yet, become its own; jobs that ended with the last process are cleared away; what was being prepared then is
 * prepared or refreshed anew, and operations on workspaces that were under way are carried on.
 */
export function resumePreparations(work: UnitOfWork, runnerId: string): Promise<void> {
  const jobs = jobsOf(runnerId);
  return work.run(async (tx) => {
    await tx.db.query('UPDATE projects SET runner_id = $1 WHERE runner_id IS NULL', [runnerId]);
    await tx.db.query('UPDATE chat_sessions SET runner_id = $1 WHERE runner_id IS NULL', [runnerId]);
    await tx.db.query(
      `SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs
       WHERE task_identifier = ANY ($1) AND attempts >= max_attempts AND locked_at IS NULL HAVING count(*) > 0`,
      [Object.values(jobs)],
    );
    const projects = (await tx.db.query(
      "SELECT id FROM projects WHERE runner_id = $1 AND status = 'preparing' AND deleted_at IS NULL",
      [runnerId],
    )) as { id: number }[];
    for (const { id } of projects) {
      const options = { queueName: `project:${id}`, jobKey: `prepare-project:${id}` };
      await tx.addJob(jobs.prepareProject, { projectId: id }, options);
    }
    const refreshes = (await tx.db.query(
      `SELECT refresh.id, refresh.project_id AS "projectId" FROM project_refreshes AS refresh
       JOIN projects AS project ON project.id = refresh.project_id
       WHERE project.runner_id = $1 AND refresh.status = 'under_way'`,
      [runnerId],
    )) as { id: number; projectId: number }[];
    for (const { id, projectId } of refreshes) {
      const options = { queueName: `project:${projectId}`, jobKey: `refresh-project:${projectId}` };
      await tx.addJob(jobs.refreshProject, { refreshId: id }, options);
    }
    const operations = (await tx.db.query(
      `SELECT operation.id, operation.chat_session_id AS "sessionKey" FROM workspace_operations AS operation
       JOIN chat_sessions AS session ON session.id = operation.chat_session_id
       WHERE session.runner_id = $1 AND operation.status IN ('queued', 'running') ORDER BY operation.id`,
      [runnerId],
    )) as { id: number; sessionKey: number }[];
    for (const { id, sessionKey } of operations) {
      const options = { queueName: `session:${sessionKey}`, jobKey: `operate:${id}` };
      await tx.addJob(jobs.operation, { operationId: id }, options);
    }
    const sessions = (await tx.db.query(
      `SELECT id FROM chat_sessions WHERE runner_id = $1 AND workspace_status = 'preparing' AND status = 'active' AND deleted_at IS NULL`,
      [runnerId],
    )) as { id: number }[];
    for (const { id } of sessions) {
      const options = { queueName: `session:${id}`, jobKey: `prepare-workspace:${id}` };
      await tx.addJob(jobs.prepareWorkspace, { sessionKey: id }, options);
    }
  });
}
