import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  BaseRepository,
  BaseSource,
  CreateWorkspaceInput,
  FetchedBase,
  Git,
  Leftover,
  OperationOptions,
} from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import { TEMPORARY_PREFIX } from '../git/temporary-folder.ts';
import type { Checkpoint } from '../runner/checkpoint.ts';
import { FreedWorkspaces } from './freed-workspace.ts';
import { headBranch } from './head-branch.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { type WorkspaceLayout, workspaceLayout } from './layout.ts';
import { type PoolSettings, WorkspacePool } from './pool.ts';
import { templateFiles } from './templates.ts';
import { moveToQuarantine, namesIn, Trash } from './trash.ts';

/** Sessions' branches begin so; in a workspace those of other sessions are not shown. */
const SESSION_BRANCH_PREFIX = 'kosuke-chat-';
const TEMPLATE_BRANCH = 'main';
const TEMPLATE_AUTHOR = { name: 'Kosuke', email: 'kosuke@localhost' };

export interface ProjectSource {
  projectId: number | string;
  kind: 'path' | 'url' | 'template';
  /** A path or URL that was checked (clone-url.ts), or a template's id. */
  source: string;
  /** The project's name: the title of a template's first page. */
  name: string;
}

export interface WorkspaceRequest {
  projectId: number | string;
  sessionId: string;
  branch: string;
  baseBranch: string;
}

export type SessionFolder = Pick<WorkspaceRequest, 'projectId' | 'sessionId'>;

export interface OpenWorkspace {
  path: string;
  basePath: string;
  /** A private folder for the agent, outside of the repository. */
  homePath: string;
  /** The newest commit of the session's branch; null when the repository has none. */
  headSha: string | null;
  /** Files kept of the freed directory that could not be put back; they are in the quarantine. */
  leftAside?: string[];
}

export interface WorkspaceStoreOptions {
  dataDir: string;
  git: Git;
  /** Keeps workspaces ready. `git` makes them, and is closed with the store. Left out: each is made when it is asked for. */
  pool?: { git: Git; settings: PoolSettings };
  /** Told of what went wrong in the background. */
  onError?: (error: unknown) => void;
  checkpoint?: Checkpoint;
}

/**
 * The folders of projects and sessions on this machine. Each comes to be whole or not at all, is removed by one rename, and
 * whatever lies in a place of ours without being known is moved aside, never deleted.
 */
export class WorkspaceStore {
  private readonly git: Git;
  private readonly layout: WorkspaceLayout;
  private readonly mutex = new KeyedMutex();
  private readonly trash: Trash;
  private readonly pool: WorkspacePool | null;
  private readonly freed: FreedWorkspaces;

  constructor({ dataDir, git, pool, onError = () => undefined, checkpoint = () => {} }: WorkspaceStoreOptions) {
    this.git = git;
    this.layout = workspaceLayout(dataDir);
    this.trash = new Trash(this.layout.trash, onError);
    const { layout, trash } = this;
    this.pool = pool
      ? new WorkspacePool({
          ...{ layout, git, trash, onError, hiddenBranchPrefix: SESSION_BRANCH_PREFIX },
          ...{ backgroundGit: pool.git, settings: pool.settings },
        })
      : null;
    this.freed = new FreedWorkspaces({ git, layout: this.layout, trash: this.trash, checkpoint });
  }

  /** Clears up after an earlier run, before anything is asked of the store: half-made folders, and the trash. */
  async start(): Promise<void> {
    await mkdir(this.layout.projects, { recursive: true, mode: 0o700 });
    for (const project of await namesIn(this.layout.projects)) {
      const folder = join(this.layout.projects, project);
      if (!(await isFolder(folder))) continue;
      const parents = ['sessions', 'pool', 'kept', 'caches', 'modules'].map((name) => join(folder, name));
      for (const parent of [folder, ...parents]) {
        for (const name of await namesIn(parent)) {
          if (name.startsWith(TEMPORARY_PREFIX)) await this.trash.put(join(parent, name));
        }
      }
    }
    await this.pool?.start();
    this.sweepTrash();
  }

  /** Begins to remove for good, in the background, what is in the trash. */
  sweepTrash(): void {
    this.trash.empty();
  }

  /** Stops what goes on in the background; it goes on after the next start. */
  async close(): Promise<void> {
    await this.pool?.close();
    await this.trash.close();
  }

  basePath(projectId: number | string): string {
    return this.layout.base(projectId);
  }

  workspacePath(projectId: number | string, sessionId: string): string {
    return this.layout.workspace(projectId, sessionId);
  }

  /** Where dependencies of a project's workspaces are kept. */
  cachesPath(projectId: number | string): string {
    return this.layout.caches(projectId);
  }

  /** Takes something away from its place at once, and removes it in the background. */
  async discard(path: string): Promise<void> {
    await this.trash.put(path);
    this.sweepTrash();
  }

  hasBase(projectId: number | string): Promise<boolean> {
    return isFile(join(this.layout.base(projectId), 'HEAD'));
  }

  hasWorkspace(projectId: number | string, sessionId: string): Promise<boolean> {
    return isFolder(join(this.layout.workspace(projectId, sessionId), '.git'));
  }

  /**
   * Makes the project's base repository, or opens the one that is there.
   * @throws GitError
   */
  prepareBase(source: ProjectSource, options: OperationOptions = {}): Promise<BaseRepository> {
    const path = this.layout.base(source.projectId);
    return this.mutex.run(path, async () => {
      if (await this.hasBase(source.projectId)) return await this.openBase(path);
      await this.quarantineUnknown(path);
      await mkdir(this.layout.project(source.projectId), { recursive: true, mode: 0o700 });
      if (source.kind !== 'template') {
        return await this.git.cloneBase({ source: this.baseSource(source.kind, source.source), path }, options);
      }
      const files = templateFiles(source.source, source.name);
      const first = { path, files, defaultBranch: TEMPLATE_BRANCH, author: TEMPLATE_AUTHOR, message: 'Begin' };
      return await this.git.initBase(first, options);
    });
  }

  /**
   * Makes the branches of a project's base repository those of its source again. Sessions' branches stay.
   * @throws GitError
   */
  refreshBase(
    { projectId, kind, source }: { projectId: number; kind: 'path' | 'url'; source: string },
    options: OperationOptions = {},
  ): Promise<FetchedBase> {
    const path = this.layout.base(projectId);
    const from = this.baseSource(kind, source);
    return this.mutex.run(path, () =>
      this.git.fetchBase({ source: from, path, keptPrefix: SESSION_BRANCH_PREFIX }, options),
    );
  }

  /**
   * The bare repository of a submodule from a URL that was checked, cloned when it is not there; `isFresh` asks the server
   * for what is new. @throws GitError
   */
  ensureModule(
    { projectId, url, isFresh }: { projectId: number; url: string; isFresh: boolean },
    options: OperationOptions = {},
  ): Promise<string> {
    const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
    const path = join(this.layout.modules(projectId), name);
    return this.mutex.run(path, async () => {
      const source = { kind: 'url', url } as const;
      if (!(await isFile(join(path, 'HEAD')))) await this.git.cloneBase({ source, path }, options);
      else if (isFresh) await this.git.fetchBase({ source, path, keptPrefix: SESSION_BRANCH_PREFIX }, options);
      return path;
    });
  }

  private baseSource(kind: 'path' | 'url', source: string): BaseSource {
    return kind === 'path' ? { kind, path: source, keepOutOf: this.layout.projects } : { kind, url: source };
  }

  /**
   * The session's own folder, made when it is not there. When it was lost, it is made again from the session's branch in
   * the base, which has every commit. Several calls at once make one.
   * @throws GitError 'drifted' when the folder is there but not on its branch
   */
  ensureWorkspace(request: WorkspaceRequest, options: OperationOptions = {}): Promise<OpenWorkspace> {
    const { projectId, sessionId, branch } = request;
    const path = this.layout.workspace(projectId, sessionId);
    const basePath = this.layout.base(projectId);
    const homePath = this.layout.home(projectId, sessionId);
    return this.mutex.run(path, async () => {
      await mkdir(homePath, { recursive: true, mode: 0o700 });
      if (await isFolder(join(path, '.git'))) {
        return { path, basePath, homePath, headSha: await this.openedHead(path, branch, options) };
      }
      if (!(await this.hasBase(projectId))) {
        throw new GitError('not-found', 'The repository of this project is not there yet.');
      }
      await this.quarantineUnknown(path);
      await mkdir(this.layout.sessions(projectId), { recursive: true, mode: 0o700 });
      const kept = (await this.git.branches(basePath, options)).some(({ name }) => name === branch);
      const baseBranch = kept ? branch : request.baseBranch;
      const wanted = { basePath, path, branch, baseBranch, hiddenBranchPrefix: SESSION_BRANCH_PREFIX };
      const make = async (input: CreateWorkspaceInput) =>
        (await this.pool?.handOver(projectId, input, options)) ?? (await this.git.createWorkspace(input, options));
      const freed = await this.freed.find(request);
      const made = freed ? await this.freed.bringBack(request, freed, wanted, make, options) : await make(wanted);
      // What was kept until now is in the trash.
      if (freed) this.sweepTrash();
      await this.pool?.noteUse(projectId, path);
      return { path, basePath, homePath, ...made };
    });
  }

  /** Gives the space of a session's folder back; home and branch stay. What git does not hold of it is to be kept before. */
  freeWorkspace({ projectId, sessionId }: SessionFolder): Promise<void> {
    const path = this.layout.workspace(projectId, sessionId);
    return this.mutex.run(path, async () => {
      await this.trash.put(path);
      this.sweepTrash();
    });
  }

  /** Keeps files of a session's folder for the time it is freed. */
  keepFiles(place: SessionFolder, files: Leftover[]): Promise<void> {
    const path = this.layout.workspace(place.projectId, place.sessionId);
    return this.mutex.run(path, () => this.freed.keep(place, files));
  }

  /** Lets go of what was kept of a folder that is there after all. */
  async forgetKept(place: SessionFolder): Promise<void> {
    await this.freed.forget(place);
    this.sweepTrash();
  }

  /** Takes away a session's folder, home and what was kept; its branch stays in the base. */
  removeWorkspace({ projectId, sessionId }: SessionFolder): Promise<void> {
    const path = this.layout.workspace(projectId, sessionId);
    return this.mutex.run(path, async () => {
      await this.trash.put(path);
      await this.trash.put(this.layout.home(projectId, sessionId));
      await this.trash.put(this.layout.kept(projectId, sessionId));
      this.sweepTrash();
    });
  }

  /** Takes away everything of a project. */
  removeProject(projectId: number | string): Promise<void> {
    return this.mutex.run(this.layout.base(projectId), async () => {
      await this.pool?.forget(projectId);
      await this.trash.put(this.layout.project(projectId));
      this.sweepTrash();
    });
  }

  /** Resolves when no workspace is being made for later. */
  async whenPooled(): Promise<void> {
    await this.pool?.whenFilled();
  }

  /** Resolves when what was removed is gone from the disk too. */
  whenSwept(): Promise<void> {
    return this.trash.whenEmptied();
  }

  private async openBase(path: string): Promise<BaseRepository> {
    const defaultBranch = (await headBranch(join(path, 'HEAD'))) ?? TEMPLATE_BRANCH;
    const branches = await this.git.branches(path);
    return { defaultBranch, headSha: branches.find(({ name }) => name === defaultBranch)?.commitSha ?? null };
  }

  private async openedHead(path: string, branch: string, options: OperationOptions): Promise<string | null> {
    const current = await headBranch(join(path, '.git', 'HEAD'));
    if (current !== branch) {
      const where = current ? `on the branch "${current}"` : 'on no branch';
      throw new GitError('drifted', `The workspace is ${where} instead of "${branch}". Switch it back to continue.`);
    }
    const branches = await this.git.branches(path, options);
    return branches.find(({ name }) => name === branch)?.commitSha ?? null;
  }

  /** Something that is not ours may hold the only copy of somebody's work. */
  private async quarantineUnknown(path: string): Promise<void> {
    if (await exists(path)) await moveToQuarantine(path, this.layout);
  }
}

const kindOf = (path: string) => lstat(path).catch(() => null);
const exists = async (path: string) => (await kindOf(path)) !== null;
const isFile = async (path: string) => (await kindOf(path))?.isFile() ?? false;
const isFolder = async (path: string) => (await kindOf(path))?.isDirectory() ?? false;
