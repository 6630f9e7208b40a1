import { join } from 'node:path';
import { GitError } from '../git/git-error.ts';
import { namesIn } from './trash.ts';

/** Where everything of a project and a session lies. Each function throws GitError 'invalid-name' for an id that is no id. */
export interface WorkspaceLayout {
  /** Holds one folder for each project. */
  readonly projects: string;
  /** What waits to be removed for good. */
  readonly trash: string;
  /** What was found in a place of ours and is not known; a person decides about it. */
  readonly quarantine: string;
  /** The projects that have a folder. */
  projectIds(): Promise<string[]>;
  project(projectId: number | string): string;
  /** The project's bare repository. */
  base(projectId: number | string): string;
  /** Workspaces that are nobody's yet. */
  pool(projectId: number | string): string;
  /** The repositories of its submodules. */
  modules(projectId: number | string): string;
  sessions(projectId: number | string): string;
  /** A session's own clone. */
  workspace(projectId: number | string, sessionId: string): string;
  /** Dependencies that setups of workspaces made, kept for the next ones. */
  caches(projectId: number | string): string;
  homes(projectId: number | string): string;
  /** What the agent of a session sees as its home. */
  home(projectId: number | string, sessionId: string): string;
  keptFolders(projectId: number | string): string;
  /** What git does not hold of a session's directory while that is freed: ignored files, above all. */
  kept(projectId: number | string, sessionId: string): string;
}

export function workspaceLayout(dataDir: string): WorkspaceLayout {
  const projects = join(dataDir, 'projects');
  const project = (projectId: number | string) => join(projects, safeId(String(projectId)));
  const sessions = (projectId: number | string) => join(project(projectId), 'sessions');
  const caches = (projectId: number | string) => join(project(projectId), 'caches');
  const homes = (projectId: number | string) => join(project(projectId), 'homes');
  const keptFolders = (projectId: number | string) => join(project(projectId), 'kept');
  return {
    projects,
    trash: join(dataDir, 'trash'),
    quarantine: join(dataDir, 'quarantine'),
    projectIds: async () => (await namesIn(projects)).filter((name) => ID.test(name)),
    project,
    pool: (projectId) => join(project(projectId), 'pool'),
    modules: (projectId) => join(project(projectId), 'modules'),
    base: (projectId) => join(project(projectId), 'main'),
    sessions,
    workspace: (projectId, sessionId) => join(sessions(projectId), safeId(sessionId)),
    caches,
    homes,
    home: (projectId, sessionId) => join(homes(projectId), safeId(sessionId)),
    keptFolders,
    kept: (projectId, sessionId) => join(keptFolders(projectId), safeId(sessionId)),
  };
}

const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Ids become folder names: nothing in them may mean anything to a file system. */
function safeId(id: string): string {
  if (!ID.test(id)) {
    throw new GitError('invalid-name', 'This is not the id of a project or session.');
  }
  return id;
}
