import { copyCommits } from './copy-commits.ts';
import type { ResetInput, ResetResult, RestoreSnapshotInput } from './git.ts';
import { pointHeadAt } from './init.ts';
import { nodegit, type Oid, type Repository } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { putFiles } from './put-files.ts';
import { BRANCH_PREFIX, refTarget, requireBranchName } from './refs.ts';
import { describeSnapshot } from './snapshot.ts';
import { removeStaleLocks } from './stale-locks.ts';
import { treeOf } from './trees.ts';

export function resetWorkspace(input: ResetInput): Promise<ResetResult> {
  return reset(input, input.sha, input.sha);
}

/** The branch where it was, and the files on top of it as they lay there: what was not committed is not committed again. */
export async function restoreSnapshot(input: RestoreSnapshotInput): Promise<ResetResult> {
  const base = await openRepository(input.basePath);
  try {
    const { branchSha } = await describeSnapshot(base, nodegit.Oid.fromString(input.sha));
    return await reset(input, branchSha, input.sha);
  } finally {
    base.cleanup();
  }
}

/**
 * Stopped anywhere, the same call again completes it: the files come before the branch, and what differs between two
 * commits is the same each time.
 */
async function reset(
  { path, basePath, branch, saved }: Omit<ResetInput, 'sha'>,
  branchSha: string | null,
  filesSha: string | null,
): Promise<ResetResult> {
  requireBranchName(branch);
  const branchRef = BRANCH_PREFIX + branch;
  const workspace = await openWorkspace(path);
  const base = await openRepository(basePath);
  try {
    removeStaleLocks(workspace, base, branchRef);
    const [from, files, target] = await Promise.all(
      [saved, filesSha, branchSha].map((sha) => (sha ? nodegit.Oid.fromString(sha) : null)),
    );
    const needed = new Map([from, files, target].flatMap((id) => (id ? [[id.tostrS(), id] as const] : [])));
    for (const id of needed.values()) await bring(base, workspace, id);
    const committed = target ? await treeOf(workspace, target) : null;
    const index = await workspace.index();
    if (committed) await index.readTree(committed);
    else await index.clear();
    const { keptPaths, undone } = await putFiles({
      repository: workspace,
      root: path,
      from: from ? await treeOf(workspace, from) : null,
      to: files ? await treeOf(workspace, files) : null,
      committed,
      index,
    });
    await index.write();
    // A merge or rebase that was under way is over.
    workspace.stateCleanup();
    await moveBranch(base, branchRef, target ?? null);
    await moveBranch(workspace, branchRef, target ?? null);
    await pointHeadAt(workspace, branch);
    return { headSha: branchSha, keptPaths, undone };
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

/** A commit of the workspace's own may not be in the base, and one of the base not here. */
async function bring(base: Repository, workspace: Repository, id: Oid): Promise<void> {
  if ((await workspace.odb()).existsExt(id, 0) === 1) return;
  await copyCommits(base, workspace, id);
}

async function moveBranch(repository: Repository, branchRef: string, target: Oid | null): Promise<void> {
  const there = await refTarget(repository, branchRef);
  if (there?.tostrS() === target?.tostrS()) return;
  if (target) await nodegit.Reference.create(repository, branchRef, target, 1, 'reset');
  else await nodegit.Reference.remove(repository, branchRef);
}
