import type { DataSource } from 'typeorm';
import type { Git } from '../git/git.ts';
import { Project } from '../projects/project.entity.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import type { GivenEnvironment } from '../settings/project-environment.ts';
import type { OpenWorkspace } from '../workspaces/workspace-store.ts';
import { cacheKey } from './cache-key.ts';
import { survey } from './lock-files.ts';
import type { SetupCache } from './setup-cache.ts';
import { SetupCacheUse, type SetupRun } from './setup-run.entity.ts';

interface Request {
  run: SetupRun;
  session: ChatSession;
  workspace: OpenWorkspace;
  script: string;
  folderNames: string[];
  environment: GivenEnvironment;
}

/** What is to be done with the dependencies of a workspace after its setup script. */
export interface Prepared {
  /** Whether they are there already. */
  use: SetupCacheUse;
  /** Returns what became of them. */
  after(hasSucceeded: boolean): Promise<SetupCacheUse>;
}

const NONE: Prepared = { use: SetupCacheUse.NONE, after: async () => SetupCacheUse.NONE };

/**
 * Brings the dependencies that an earlier setup made into a workspace before its setup script is run, and keeps what the
 * script makes. Only a script that ran in an untouched copy of the default branch fills the cache: whatever else is in a
 * workspace may be the work of an agent, and would be run in the next one.
 */
export class Dependencies {
  constructor(
    private readonly dataSource: DataSource,
    private readonly git: Git,
    private readonly cache: SetupCache,
  ) {}

  async before(request: Request): Promise<Prepared> {
    const { session, workspace, script, folderNames, environment } = request;
    if (folderNames.length === 0) return NONE;
    const before = await survey(workspace.path, folderNames);
    if (before.lockFiles.length === 0) return NONE;
    const key = await cacheKey({
      ...{ root: workspace.path, lockFiles: before.lockFiles, script, folderNames },
      variables: withoutSecrets(environment),
    });
    if (key === null) return NONE;
    if (await this.cache.restore(session.projectId, key, workspace.path)) {
      return { use: SetupCacheUse.RESTORED, after: (hasSucceeded) => this.afterRestored(session, key, hasSucceeded) };
    }
    const mayFill = await this.isUntouched(request);
    const after = async (hasSucceeded: boolean) => {
      if (!hasSucceeded || !mayFill) return SetupCacheUse.MISSED;
      const { folders } = await survey(workspace.path, folderNames);
      const made = folders.filter((folder) => !before.folders.includes(folder));
      if (made.length === 0) return SetupCacheUse.MISSED;
      const isSaved = await this.cache.save(session.projectId, key, workspace.path, made);
      return isSaved ? SetupCacheUse.SAVED : SetupCacheUse.MISSED;
    };
    return { use: SetupCacheUse.MISSED, after };
  }

  /** With what a script fails, the next one is not to begin. */
  private async afterRestored({ projectId }: ChatSession, key: string, hasSucceeded: boolean): Promise<SetupCacheUse> {
    if (!hasSucceeded) await this.cache.discard(projectId, key);
    return SetupCacheUse.RESTORED;
  }

  private async isUntouched({ run, session, workspace }: Request): Promise<boolean> {
    if (!run.isFirst) return false;
    const runs = (await this.dataSource.query(
      'SELECT 1 FROM runs WHERE chat_session_id = $1 AND started_at IS NOT NULL LIMIT 1',
      [session.key],
    )) as unknown[];
    if (runs.length > 0) return false;
    const { defaultBranch } = await this.dataSource.manager.findOneByOrFail(Project, { id: session.projectId });
    const branches = await this.git.branches(workspace.basePath);
    const sha = branches.find(({ name }) => name === defaultBranch)?.commitSha;
    const state = await this.git.status(workspace.path);
    return sha !== undefined && state.headSha === sha && state.changedPaths.length === 0;
  }
}

function withoutSecrets({ variables, secretNames }: GivenEnvironment): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !secretNames.has(name)));
}
