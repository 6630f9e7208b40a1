import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { FetchedBase } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import {
  MOVED_BRANCHES_MAX,
  ProjectRefresh,
  ProjectRefreshStatus,
} from '../project-refreshes/project-refresh.entity.ts';
import { Project, ProjectSourceKind } from '../projects/project.entity.ts';
import { ALL_PROJECTS, projectChanged } from '../projects/project.events.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Preparation } from './preparation.ts';

/** Whether a repository may be fetched from a URL now: what its name leads to may have changed since it was added. */
export type UrlCheck = (
  url: string,
) => Promise<{ ok: true; url: string } | { ok: false; code: string; message: string }>;

type Change = Partial<
  Pick<ProjectRefresh, 'status' | 'movedBranches' | 'movedCount' | 'newDefaultBranch' | 'errorCode' | 'errorMessage'>
>;

/** Brings base repositories up to their sources, and writes down what came of it. */
export class ProjectRefresher {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly store: WorkspaceStore,
    private readonly preparation: Preparation,
    private readonly checkUrl: UrlCheck,
    private readonly log: Logger,
  ) {}

  async execute(refreshId: number): Promise<void> {
    const refresh = await this.dataSource.manager.findOneBy(ProjectRefresh, { id: refreshId });
    if (refresh?.status !== ProjectRefreshStatus.UNDER_WAY) return;
    const project = await this.dataSource.manager.findOneBy(Project, { id: refresh.projectId });
    if (!project || project.deletedAt) return;
    try {
      const { branches, newDefaultBranch } = await this.refresh(project);
      await this.end(refresh, {
        status: ProjectRefreshStatus.SUCCEEDED,
        movedBranches: branches.slice(0, MOVED_BRANCHES_MAX),
        movedCount: branches.length,
        newDefaultBranch,
      });
    } catch (error) {
      // The program ends: it is begun anew at the next start.
      if (error instanceof GitError && error.code === 'aborted') return;
      const known = error instanceof GitError ? error : null;
      this.log.warn({ err: known?.cause ?? error, project: project.id }, 'A project could not be refreshed');
      await this.end(refresh, {
        status: ProjectRefreshStatus.FAILED,
        errorCode: known?.code ?? 'unexpected',
        errorMessage:
          known?.message ?? 'Something went wrong in Kosuke itself. The log of the server says more about it.',
      });
    }
  }

  /** @throws GitError */
  private async refresh(
    project: Project,
  ): Promise<Pick<FetchedBase, 'branches'> & { newDefaultBranch: string | null }> {
    const { id: projectId, sourceKind, source } = project;
    if (sourceKind === ProjectSourceKind.GIT_URL) {
      const checked = await this.checkUrl(source ?? '');
      if (!checked.ok) throw new GitError('rejected', checked.message);
    }
    const kind = sourceKind === ProjectSourceKind.GIT_URL ? 'url' : 'path';
    await this.preparation.project(projectId);
    const fetched = await this.store.refreshBase({ projectId, kind, source: source ?? '' });
    await this.preparation.saveBranches(projectId);
    return { branches: fetched.branches, newDefaultBranch: await this.followDefaultBranch(project, fetched) };
  }

  /** The default branch of a project stays until it is gone from the source. */
  private async followDefaultBranch(project: Project, { branches, headBranch }: FetchedBase): Promise<string | null> {
    const isGone = branches.some(({ name, kind }) => name === project.defaultBranch && kind === 'deleted');
    const isOther = headBranch !== project.defaultBranch;
    if (!isOther || !(isGone || !(await this.hasBranch(project.id, project.defaultBranch)))) return null;
    await this.dataSource.query('UPDATE projects SET default_branch = $2 WHERE id = $1', [project.id, headBranch]);
    return headBranch;
  }

  private async hasBranch(projectId: number, name: string): Promise<boolean> {
    const rows = (await this.dataSource.query('SELECT 1 FROM branches WHERE project_id = $1 AND name = $2', [
      projectId,
      name,
    ])) as unknown[];
    return rows.length > 0;
  }

  private end({ id, projectId }: ProjectRefresh, change: Change): Promise<void> {
    return this.work.run(async (tx) => {
      await tx.db.update(ProjectRefresh, { id }, { ...change, finishedAt: new Date() });
      tx.publish(projectChanged, ALL_PROJECTS, { projectId, kind: 'updated' });
    });
  }
}
