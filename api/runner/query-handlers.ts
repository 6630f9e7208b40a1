import type { Git } from '../git/git.ts';
import type { RunnerQueryHandlers } from '../runner-queries/runner-queries.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';

/** Who answers which question about the workspaces of this runner. */
export function queryHandlers({ git, store }: { git: Git; store: WorkspaceStore }): RunnerQueryHandlers {
  return {
    workspaceState: ({ projectId, sessionId }, signal) =>
      git.status(store.workspacePath(projectId, sessionId), { signal }),
  };
}
