import { pointHeadAt } from './init.ts';
import { openWorkspace } from './open-repository.ts';
import { requireBranchName } from './refs.ts';

/** HEAD goes back to the branch. Files and index stay, so what differs from the branch counts as not committed yet. */
export async function repairHead({ path, branch }: { path: string; branch: string }): Promise<undefined> {
  requireBranchName(branch);
  const repository = await openWorkspace(path);
  try {
    await pointHeadAt(repository, branch);
    return undefined;
  } finally {
    repository.cleanup();
  }
}
