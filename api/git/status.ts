import { readChanges } from './changes.ts';
import type { WorkspaceState } from './git.ts';
import { openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, refTarget } from './refs.ts';

export async function status({ path }: { path: string }): Promise<WorkspaceState> {
  const repository = await openWorkspace(path);
  const head = await headRef(repository);
  const target = await refTarget(repository, 'HEAD');
  const { files } = await readChanges(repository);
  repository.cleanup();
  return {
    headSha: target?.tostrS() ?? null,
    branch: head?.startsWith(BRANCH_PREFIX) ? head.slice(BRANCH_PREFIX.length) : null,
    changedPaths: files.map((file) => file.path),
  };
}
