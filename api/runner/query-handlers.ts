import type { Git } from '../git/git.ts';
import type { RunnerQueryHandlers } from '../runner-queries/runner-queries.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { BranchWatch } from './branch-watch.ts';
import { fileQueries } from './file-queries.ts';

/** What this runner has to answer with. */
export interface QueryParts {
  git: Git;
  store: WorkspaceStore;
  branches: BranchWatch;
}

/** Who answers which question about the workspaces of this runner. */
export function queryHandlers({ git, store, branches }: QueryParts): RunnerQueryHandlers {
  return {
    ...fileQueries({ git, store }),
    submodules: ({ projectId, sessionId, sha }, signal) => {
      const [basePath, path] = [store.basePath(projectId), store.workspacePath(projectId, sessionId)];
      return git.submodules({ basePath, sha, path }, { signal });
    },
    storedText: ({ projectId, sha, maxBytes }, signal) =>
      git.blobText({ path: store.basePath(projectId), sha, maxBytes }, { signal }),
    repositoryTraits: ({ projectId, branch }, signal) =>
      git.repositoryTraits({ path: store.basePath(projectId), branch }, { signal }),
    workspaceState: ({ projectId, sessionId }, signal) =>
      git.status(store.workspacePath(projectId, sessionId), { signal }),
    watchBranch: async ({ sessionKey }) => {
      await branches.lease(sessionKey);
      return null;
    },
  };
}
