import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { Git } from '../git/git.ts';
import { Project } from '../projects/project.entity.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Checkpoint } from './checkpoint.ts';

interface PurgeParts {
  dataSource: DataSource;
  git: Git;
  store: WorkspaceStore;
  agents: AgentHost;
  checkpoint: Checkpoint;
  log: Logger;
}

/**
 * Takes apart what was deleted for good. The row goes last: cut off anywhere, the same job does the rest, and what is
 * gone already is no reason to stop.
 */
export class Purge {
  constructor(private readonly parts: PurgeParts) {}

  async session(key: number): Promise<void> {
    const { dataSource, store, agents, checkpoint, log } = this.parts;
    const session = await dataSource.manager.findOneBy(ChatSession, { key });
    if (!session?.purgingSince) return;
    await agents.end(session.id);
    await store.removeWorkspace({ projectId: session.projectId, sessionId: session.id });
    await checkpoint('purge: directories');
    if (await store.hasBase(session.projectId)) await this.removeRefs(session);
    await checkpoint('purge: refs');
    await dataSource.query('DELETE FROM chat_sessions WHERE id = $1', [key]);
    log.info({ session: session.id }, 'Deleted a session for good');
  }

  async project(id: number): Promise<void> {
    const { dataSource, store, agents, checkpoint, log } = this.parts;
    const project = await dataSource.manager.findOneBy(Project, { id });
    if (!project?.purgingSince) return;
    for (const session of await dataSource.manager.findBy(ChatSession, { projectId: id })) await agents.end(session.id);
    await store.removeProject(id);
    await checkpoint('purge: project');
    await dataSource.query('DELETE FROM projects WHERE id = $1', [id]);
    log.info({ project: id }, 'Deleted a project for good');
  }

  private async removeRefs({ id, projectId, branch, deleteBranch }: ChatSession): Promise<void> {
    const { dataSource, git, store } = this.parts;
    const path = store.basePath(projectId);
    await git.deleteRefs({ path, prefix: rescuePrefix(id).slice(0, -1) });
    if (!deleteBranch) return;
    await git.deleteBranch({ path, branch });
    await dataSource.query('DELETE FROM branches WHERE project_id = $1 AND name = $2', [projectId, branch]);
  }
}
