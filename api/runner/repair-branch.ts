import type { Git } from '../git/git.ts';
import type { OperationHandler } from '../operations/operation-handler.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Preparation } from './preparation.ts';

interface RepairParts {
  git: Git;
  store: WorkspaceStore;
  preparation: Preparation;
}

/** HEAD goes back to the branch of the session. Commits that only HEAD led to are kept, and files stay as they are. */
export function repairBranch({ git, store, preparation }: RepairParts): OperationHandler {
  return async ({ session, signal }) => {
    const { id, projectId, branch, baseBranch } = session;
    // A workspace that was lost is made anew below, on its branch.
    const repaired = (await store.hasWorkspace(projectId, id))
      ? await git.repairHead(
          {
            ...{ path: store.workspacePath(projectId, id), basePath: store.basePath(projectId) },
            ...{ branch, baseBranch, rescuePrefix: rescuePrefix(id) },
          },
          { signal },
        )
      : null;
    await preparation.workspace(session);
    return { rescuedSha: repaired?.rescuedSha ?? null };
  };
}
