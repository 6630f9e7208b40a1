import type { DataSource } from 'typeorm';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Git, GitProgress, OperationOptions } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import { Branch } from '../projects/branch.entity.ts';
import { Project, ProjectStatus } from '../projects/project.entity.ts';
import { ALL_PROJECTS, branchesMoved, projectChanged } from '../projects/project.events.ts';
import { ChatSession, WorkspaceStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { WorkspaceCopies } from '../time-travel/workspace-copies.ts';
import type { OpenWorkspace, WorkspaceStore } from '../workspaces/workspace-store.ts';
import { ProgressLog } from './progress-log.ts';

/** Why a workspace is not there; `message` is for a person. */
export class NotPrepared extends Error {
  override readonly name = 'NotPrepared';

  /** Why, for programs: the workspace is there but HEAD is not on its branch, or anything else. */
  get code(): 'drifted' | 'workspace' {
    return this.cause instanceof GitError && this.cause.code === 'drifted' ? 'drifted' : 'workspace';
  }
}

/** Makes base repositories and workspaces on this runner's disk, and writes down how far they are. */
export class Preparation {
  private readonly projects = new Map<number, Promise<void>>();
  private readonly copies: WorkspaceCopies;

  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly git: Git,
    private readonly store: WorkspaceStore,
  ) {
    this.copies = new WorkspaceCopies(dataSource, git, store);
  }

  /** Two callers at once share one preparation. @throws NotPrepared */
  project(projectId: number): Promise<void> {
    const underWay = this.projects.get(projectId);
    if (underWay) return underWay;
    const preparing = this.prepareProject(projectId).finally(() => this.projects.delete(projectId));
    this.projects.set(projectId, preparing);
    return preparing;
  }

  /** The session's directory, made when it is not there. @throws NotPrepared */
  async workspace(session: ChatSession, options: OperationOptions = {}): Promise<OpenWorkspace> {
    const project = await this.dataSource.manager.findOneBy(Project, { id: session.projectId });
    if (!project || project.deletedAt) throw new NotPrepared('The project of this chat was deleted.');
    await this.project(project.id);
    // The preparation may have found out the real name of the default branch.
    const { baseBranch, pendingCopy } = await this.dataSource.manager.findOneByOrFail(ChatSession, {
      key: session.key,
    });
    const progress = new ProgressLog((step) => this.saveWorkspaceProgress(session, step));
    try {
      const fill = pendingCopy && (await this.copies.begin(session, pendingCopy));
      const onProgress = (step: GitProgress) => {
        progress.report(step);
        options.onProgress?.(step);
      };
      const open = await this.store
        .ensureWorkspace(
          { projectId: project.id, sessionId: session.id, branch: session.branch, baseBranch },
          { ...options, onProgress },
        )
        .finally(() => progress.end());
      await fill?.(open);
      await this.saveWorkspace(session, WorkspaceStatus.READY, null, open.headSha);
      return open;
    } catch (error) {
      const message = explain(error);
      // It is there, with all its files: its branch status says where HEAD is, and repairBranch puts it back.
      if (error instanceof GitError && error.code === 'drifted') throw new NotPrepared(message, { cause: error });
      await this.saveWorkspace(session, WorkspaceStatus.FAILED, message, session.headSha);
      throw new NotPrepared(`The workspace could not be made. ${message}`, { cause: error });
    }
  }

  /** Writes the branches of the base repository down, so that lists need not ask the disk. */
  async saveBranches(projectId: number): Promise<void> {
    const branches = await this.git.branches(this.store.basePath(projectId));
    await this.work.run(async (tx) => {
      await tx.db.query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [projectId]);
      await tx.db.delete(Branch, { projectId });
      tx.publish(branchesMoved, ALL_PROJECTS, { projectId, branches: null });
      await tx.db.query(
        'INSERT INTO branches (project_id, name, commit_sha) SELECT $1, * FROM unnest($2::text[], $3::text[])',
        [projectId, branches.map(({ name }) => name), branches.map(({ commitSha }) => commitSha)],
      );
    });
  }

  private async prepareProject(projectId: number): Promise<void> {
    const project = await this.dataSource.manager.findOneBy(Project, { id: projectId });
    if (!project || project.deletedAt) throw new NotPrepared('This project was deleted.');
    const hasBase = await this.store.hasBase(projectId);
    if (project.status === ProjectStatus.READY && hasBase) return;
    if (project.baseLostAt && !hasBase) throw new NotPrepared(project.statusMessage ?? 'Its repository is missing.');
    await this.saveProject(projectId, { status: ProjectStatus.PREPARING, statusMessage: 'Starting', progress: null });
    const progress = new ProgressLog((step) => this.saveProgress(projectId, step));
    try {
      const base = await this.store
        .prepareBase(
          { projectId, kind: project.sourceKind, source: project.source ?? 'EMPTY', name: project.name },
          { onProgress: progress.report },
        )
        .finally(() => progress.end());
      await this.saveBranches(projectId);
      // Sessions made before the repository was there were cut from a guess.
      await this.dataSource.query(
        "UPDATE chat_sessions SET base_branch = $2 WHERE project_id = $1 AND base_branch = $3 AND workspace_status <> 'ready'",
        [projectId, base.defaultBranch, project.defaultBranch],
      );
      await this.saveProject(projectId, {
        status: ProjectStatus.READY,
        statusMessage: null,
        progress: null,
        defaultBranch: base.defaultBranch,
        baseLostAt: null,
      });
    } catch (error) {
      const statusMessage = explain(error);
      await this.saveProject(projectId, { status: ProjectStatus.FAILED, statusMessage, progress: null });
      throw new NotPrepared(`The project could not be prepared. ${statusMessage}`, { cause: error });
    }
  }

  private saveProgress(projectId: number, { phase, fraction }: GitProgress): Promise<void> {
    return this.saveProject(projectId, { statusMessage: phase, progress: fraction ?? null });
  }

  private saveProject(
    projectId: number,
    change: Partial<Pick<Project, 'status' | 'statusMessage' | 'progress' | 'defaultBranch' | 'baseLostAt'>>,
  ): Promise<void> {
    return this.work.run(async (tx) => {
      await tx.db.update(Project, { id: projectId }, change);
      tx.publish(projectChanged, ALL_PROJECTS, { projectId, kind: 'updated' });
    });
  }

  /** Also of one that was there before and is made again. */
  private saveWorkspaceProgress({ key, projectId }: ChatSession, { phase, fraction }: GitProgress): Promise<void> {
    return this.work.run(async (tx) => {
      await tx.db.update(
        ChatSession,
        { key },
        { workspaceStatus: WorkspaceStatus.PREPARING, workspaceMessage: phase, workspaceProgress: fraction ?? null },
      );
      tx.publish(sessionChanged, String(projectId), { sessionKey: key, kind: 'updated' });
    });
  }

  private saveWorkspace(
    { key, projectId }: ChatSession,
    status: WorkspaceStatus,
    message: string | null,
    headSha: string | null,
  ): Promise<void> {
    return this.work.run(async (tx) => {
      const [, changed] = await tx.db.query(
        `UPDATE chat_sessions SET workspace_status = $2, workspace_message = $3, workspace_progress = NULL, head_sha = $4,
           cleaned_at = NULL
         WHERE id = $1 AND (workspace_status, workspace_message, head_sha) IS DISTINCT FROM ($2, $3, $4)`,
        [key, status, message, headSha],
      );
      if (changed > 0) tx.publish(sessionChanged, String(projectId), { sessionKey: key, kind: 'updated' });
    });
  }
}

function explain(error: unknown): string {
  if (error instanceof GitError || error instanceof NotPrepared) return error.message;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return 'The disk is full. Free some space and try again.';
  if ((error as NodeJS.ErrnoException).code === 'EACCES') return 'Kosuke may not write to its data folder.';
  return 'Something unexpected went wrong; the log of the server says more.';
}
