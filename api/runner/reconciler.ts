import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Git } from '../git/git.ts';
import { readRefFiles } from '../git/ref-files.ts';
import { ProjectStatus } from '../projects/project.entity.ts';
import { WorkspaceStatus } from '../sessions/session.entity.ts';
import { DiskCheck, isFolder, type KnownSessions } from '../workspaces/disk-check.ts';
import { archiveRefsOf } from '../workspaces/freed-workspace.ts';
import { workspaceLayout } from '../workspaces/layout.ts';
import { namesIn } from '../workspaces/trash.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Reconciliation } from './reconciliation.type.ts';

/** What was found, as it is written into the row of the runner. */
type Findings = Omit<Reconciliation, 'runnerId' | 'at'> & { at: string };

interface ReconcilerParts {
  dataDir: string;
  dataSource: DataSource;
  git: Git;
  store: WorkspaceStore;
  runnerId: string;
  log: Logger;
}

interface SessionRow {
  key: number;
  id: string;
  projectId: number;
  branch: string;
  workspaceStatus: WorkspaceStatus;
  headSha: string | null;
  isBusy: boolean;
  isMine: boolean;
}

interface ProjectRow {
  id: number;
  status: ProjectStatus;
  isMine: boolean;
}

/**
 * Brings the database and the disk together before a runner takes jobs, when nothing is at work in its folders. Done twice,
 * the second time finds nothing.
 */
export class Reconciler {
  private readonly layout;

  constructor(private readonly parts: ReconcilerParts) {
    this.layout = workspaceLayout(parts.dataDir);
  }

  async run(): Promise<void> {
    const { dataSource, runnerId, log } = this.parts;
    const projects = await this.projects();
    const sessions = await this.sessions();
    const known = knownSessions(projects, sessions);
    const found: Findings = {
      at: new Date().toISOString(),
      ...{ quarantined: 0, removedLocks: 0, lostDirectories: 0, foundDirectories: 0, copiedBranches: 0 },
      ...{ lostRepositories: 0, quarantineSize: 0 },
    };
    const check = new DiskCheck(this.layout, (err) => log.warn({ err }, 'Something could not be put right'));
    if (await this.isOtherDatabase(known)) {
      log.warn(
        'The database knows none of the projects in the data folder, so it is taken for another one. Nothing is moved.',
      );
    } else {
      found.quarantined = (await check.quarantineUnknown(known)).length;
    }
    found.removedLocks = await check.removeStaleLocks(known);
    const mine = sessions.filter(({ isMine }) => isMine);
    for (const project of projects.filter(({ isMine }) => isMine)) {
      await this.project(
        project,
        mine.filter(({ projectId }) => projectId === project.id),
        found,
      );
    }
    found.quarantineSize = (await namesIn(this.layout.quarantine)).length;
    await dataSource.query('UPDATE runners SET reconciliation = $2 WHERE id = $1', [runnerId, JSON.stringify(found)]);
    log.info(found, 'Compared the database with the disk');
  }

  private async project(project: ProjectRow, sessions: SessionRow[], found: Findings): Promise<void> {
    const { store, log } = this.parts;
    const hasBase = await store.hasBase(project.id);
    if (!hasBase && project.status === ProjectStatus.READY) {
      await this.markLost(project);
      found.lostRepositories += 1;
    }
    for (const session of sessions) {
      if (session.isBusy) continue;
      try {
        await this.directory(session, found);
      } catch (err) {
        log.warn({ err, session: session.id }, 'A session could not be put right');
      }
    }
    if (hasBase) await this.refs(project, sessions, found);
  }

  /** Whether the directory is there is one question, and what the row says of it another. */
  private async directory(session: SessionRow, found: Findings): Promise<void> {
    const { dataSource, store } = this.parts;
    const isThere = await store.hasWorkspace(session.projectId, session.id);
    if (session.workspaceStatus === WorkspaceStatus.READY && !isThere) {
      found.lostDirectories += 1;
      await dataSource.query(
        "UPDATE chat_sessions SET workspace_status = 'cleaned', cleaned_at = now(), workspace_message = $2 WHERE id = $1",
        [
          session.key,
          'The directory was gone when Kosuke started. It is made again from its branch when the chat goes on.',
        ],
      );
    }
    if (session.workspaceStatus === WorkspaceStatus.CLEANED && isThere) {
      found.foundDirectories += 1;
      await dataSource.query(
        "UPDATE chat_sessions SET workspace_status = 'ready', cleaned_at = NULL, workspace_message = NULL WHERE id = $1",
        [session.key],
      );
    }
  }

  private async refs(project: ProjectRow, sessions: SessionRow[], found: Findings): Promise<void> {
    const { git, store, log } = this.parts;
    const basePath = store.basePath(project.id);
    const branches = await readRefFiles(basePath, 'refs/heads');
    const tips = new Set(branches.values());
    const rescued = [...(await readRefFiles(basePath, 'refs/kosuke/rescue')).keys()];
    for (const { id, branch, headSha, isBusy } of sessions) {
      const place = { projectId: project.id, sessionId: id };
      if (isBusy || !(await store.hasWorkspace(project.id, id))) continue;
      try {
        const isKept = rescued.some((name) => name.startsWith(`${archiveRefsOf(id)}/`));
        if (isKept || (await isFolder(this.layout.kept(project.id, id)))) {
          await store.forgetKept(place);
          found.foundDirectories += 1;
        }
        if (!headSha || branches.has(`refs/heads/${branch}`) || tips.has(headSha)) continue;
        const path = store.workspacePath(project.id, id);
        if (await git.publishBranch({ path, basePath, branch })) found.copiedBranches += 1;
      } catch (err) {
        log.warn({ err, session: id }, 'A session could not be put right');
      }
    }
  }

  private async markLost({ id }: ProjectRow): Promise<void> {
    const folder = join('projects', String(id), 'main');
    await this.parts.dataSource.query(
      "UPDATE projects SET status = 'failed', progress = NULL, base_lost_at = now(), status_message = $2 WHERE id = $1",
      [
        id,
        `The repository of this project is missing: ${folder} in the data folder. Put it back from a backup and restart, or press Retry to make it again from where it came from; work that is still in the directories of its chats is kept.`,
      ],
    );
  }

  /** A fresh database beside a full disk would otherwise put everything in the quarantine. */
  private async isOtherDatabase(known: KnownSessions): Promise<boolean> {
    const onDisk = (await namesIn(this.layout.projects)).filter((name) => /^\d+$/.test(name));
    return onDisk.length > 0 && !onDisk.some((name) => known.has(name));
  }

  private async projects(): Promise<ProjectRow[]> {
    return (await this.parts.dataSource.query(
      'SELECT id, status, runner_id = $1 AS "isMine" FROM projects ORDER BY id',
      [this.parts.runnerId],
    )) as ProjectRow[];
  }

  private async sessions(): Promise<SessionRow[]> {
    return (await this.parts.dataSource.query(
      `SELECT id AS key, session_id AS id, project_id AS "projectId", github_branch_name AS branch,
         workspace_status AS "workspaceStatus", head_sha AS "headSha",
         runner_id = $1 AND purging_since IS NULL AS "isMine",
         EXISTS (SELECT FROM workspace_operations AS operation
           WHERE operation.chat_session_id = session.id AND operation.status IN ('queued', 'running')) AS "isBusy"
       FROM chat_sessions AS session ORDER BY id`,
      [this.parts.runnerId],
    )) as SessionRow[];
  }
}

/** What every runner found when it last started. */
export async function readReconciliations(dataSource: DataSource): Promise<Reconciliation[]> {
  const rows = (await dataSource.query(
    'SELECT id, reconciliation FROM runners WHERE reconciliation IS NOT NULL ORDER BY started_at DESC LIMIT 100',
  )) as { id: string; reconciliation: Findings }[];
  return rows.map(({ id, reconciliation }) => ({ ...reconciliation, runnerId: id, at: new Date(reconciliation.at) }));
}

function knownSessions(projects: ProjectRow[], sessions: SessionRow[]): KnownSessions {
  const known = new Map<string, Set<string>>(projects.map(({ id }) => [String(id), new Set<string>()]));
  for (const { id, projectId } of sessions) known.get(String(projectId))?.add(id);
  return known;
}
