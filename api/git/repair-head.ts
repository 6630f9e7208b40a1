import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyCommits } from './copy-commits.ts';
import type { RepairedHead, RepairHeadInput } from './git.ts';
import { pointHeadAt } from './init.ts';
import { nodegit, ODB_NO_REFRESH, type Oid, type Repository } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, REMOTE_PREFIX, refsUnder, refTarget, requireBranchName } from './refs.ts';

/**
 * HEAD goes back to the branch. Files and index stay, so what differs from the branch counts as not committed yet. Commits
 * that only HEAD led to get a ref in the base first. Cut off anywhere, the same call again does the rest.
 */
export async function repairHead(input: RepairHeadInput): Promise<RepairedHead> {
  requireBranchName(input.branch);
  const workspace = await openWorkspace(input.path);
  const base = await openRepository(input.basePath);
  try {
    const branchRef = BRANCH_PREFIX + input.branch;
    const isOnBranch = (await headRef(workspace).catch(() => null)) === branchRef;
    const rescuedSha = isOnBranch ? null : await rescueHead(workspace, base, input);
    await restoreBranch(workspace, base, input);
    // Whoever held it is gone: one thing at a time is done to a workspace.
    rmSync(join(workspace.path(), 'HEAD.lock'), { force: true });
    if (!isOnBranch) await pointHeadAt(workspace, input.branch);
    return { rescuedSha };
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

async function rescueHead(
  workspace: Repository,
  base: Repository,
  { branch, rescuePrefix }: RepairHeadInput,
): Promise<string | null> {
  const head = await refTarget(workspace, 'HEAD');
  if (!head) return null;
  const tip = await refTarget(workspace, BRANCH_PREFIX + branch);
  const isOnTheBranch = tip && (await nodegit.Graph.reachableFromAny(workspace, head, [tip], 1)) === 1;
  if (isOnTheBranch || (await isInBase(base, head))) return null;
  const sha = head.tostrS();
  await copyCommits(workspace, base, head);
  await nodegit.Reference.create(base, `${rescuePrefix}drift-${sha.slice(0, 12)}`, head, 1, '');
  return sha;
}

async function isInBase(base: Repository, commit: Oid): Promise<boolean> {
  if ((await base.odb()).existsExt(commit, ODB_NO_REFRESH) !== 1) return false;
  const tips = (await refsUnder(base, [BRANCH_PREFIX])).map(({ sha }) => nodegit.Oid.fromString(sha));
  return tips.length > 0 && (await nodegit.Graph.reachableFromAny(base, commit, tips, tips.length)) === 1;
}

/**
 * A branch that was deleted comes back as the base remembers it, or as it was cut when it had no commit of its own: an unborn
 * one would begin another history.
 */
async function restoreBranch(workspace: Repository, base: Repository, input: RepairHeadInput): Promise<void> {
  const branchRef = BRANCH_PREFIX + input.branch;
  if (await refTarget(workspace, branchRef)) return;
  const kept = await refTarget(base, branchRef);
  const tip = kept ?? (await refTarget(workspace, REMOTE_PREFIX + input.baseBranch));
  if (!tip) return;
  if (kept) await copyCommits(base, workspace, kept);
  await nodegit.Reference.create(workspace, branchRef, tip, 1, '');
}
