import { firstChanges } from './changes.ts';
import { copyCommits } from './copy-commits.ts';
import type { BranchState, BranchStateInput } from './git.ts';
import { ODB_NO_REFRESH, type Oid, type Repository } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, refTarget, requireBranchName } from './refs.ts';

export async function branchState({ path, basePath, branch, maxFiles }: BranchStateInput): Promise<BranchState> {
  requireBranchName(branch);
  const workspace = await openWorkspace(path);
  try {
    const head = await headRef(workspace).catch(() => null);
    const headCommit = await refTarget(workspace, 'HEAD');
    const tip = await refTarget(workspace, BRANCH_PREFIX + branch);
    if (tip) await bringToBase(workspace, basePath, tip);
    const { files, count } = await firstChanges(workspace, maxFiles);
    return {
      currentBranch: head?.startsWith(BRANCH_PREFIX) ? head.slice(BRANCH_PREFIX.length) : null,
      headSha: headCommit?.tostrS() ?? null,
      branchSha: tip?.tostrS() ?? null,
      changedFiles: files,
      changedFileCount: count,
    };
  } finally {
    workspace.cleanup();
  }
}

/** Commits that somebody made by hand: the base, where branches are compared, may not have them yet. */
async function bringToBase(workspace: Repository, basePath: string, tip: Oid): Promise<void> {
  const base = await openRepository(basePath);
  try {
    const isThere = (await base.odb()).existsExt(tip, ODB_NO_REFRESH) === 1;
    if (!isThere) await copyCommits(workspace, base, tip);
  } finally {
    base.cleanup();
  }
}
