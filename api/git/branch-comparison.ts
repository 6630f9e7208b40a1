import { conflictPaths } from './conflict-paths.ts';
import type { BranchComparison, CompareBranchesInput } from './git.ts';
import { libgit2Errno } from './git-failure.ts';
import { nodegit, type Oid, type Repository } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { BRANCH_PREFIX, REMOTE_PREFIX, refTarget, requireBranchName } from './refs.ts';

/** Commits of a branch without a base are counted up to here. */
const COUNT_LIMIT = 1_000;

export async function compareBranches(input: CompareBranchesInput): Promise<BranchComparison | null> {
  requireBranchName(input.branch);
  requireBranchName(input.baseBranch);
  const repository = await openRepository(input.basePath);
  try {
    const base = await refTarget(repository, BRANCH_PREFIX + input.baseBranch);
    const pushed = await refTarget(repository, REMOTE_PREFIX + input.branch);
    const baseSha = base?.tostrS() ?? null;
    const remoteSha = pushed?.tostrS() ?? null;
    if (input.known && input.known.baseSha === baseSha && input.known.remoteSha === remoteSha) return null;
    const tip = input.branchSha ? nodegit.Oid.fromString(input.branchSha) : null;
    const toBase = await aheadBehind(repository, tip, base);
    // Only when both sides have something of their own can they be in each other's way.
    const conflicts =
      tip && base && toBase.ahead > 0 && toBase.behind > 0
        ? await conflictingPaths(repository, tip, base, input.maxConflicts)
        : { paths: [], count: 0 };
    return {
      baseSha,
      mergeBaseSha: tip && base ? await mergeBase(repository, tip, base) : null,
      ...toBase,
      remote: remoteSha ? { sha: remoteSha, ...(await aheadBehind(repository, tip, pushed)) } : null,
      conflictPaths: conflicts.paths,
      conflictCount: conflicts.count,
    };
  } finally {
    repository.cleanup();
  }
}

async function aheadBehind(repository: Repository, tip: Oid | null, other: Oid | null) {
  if (tip && other) {
    const { ahead, behind } = await nodegit.Graph.aheadBehind(repository, tip, other);
    return { ahead, behind };
  }
  return {
    ahead: tip ? await countCommits(repository, tip) : 0,
    behind: other ? await countCommits(repository, other) : 0,
  };
}

async function mergeBase(repository: Repository, one: Oid, other: Oid): Promise<string | null> {
  try {
    return (await nodegit.Merge.base(repository, one, other)).tostrS();
  } catch (error) {
    // They have no commit in common.
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

/** Merges in memory; the repository, its index and every work tree stay as they are. */
async function conflictingPaths(repository: Repository, ours: Oid, theirs: Oid, limit: number) {
  const merged = await nodegit.Merge.commits(
    repository,
    await nodegit.Commit.lookup(repository, ours),
    await nodegit.Commit.lookup(repository, theirs),
  );
  const paths = await conflictPaths(merged);
  return { paths: paths.slice(0, limit), count: paths.length };
}

async function countCommits(repository: Repository, tip: Oid): Promise<number> {
  const seen = new Set<string>();
  const pending = [tip];
  for (let id = pending.pop(); id && seen.size < COUNT_LIMIT; id = pending.pop()) {
    if (seen.has(id.tostrS())) continue;
    seen.add(id.tostrS());
    const commit = await nodegit.Commit.lookup(repository, id);
    for (let parent = 0; parent < commit.parentcount(); parent += 1) pending.push(commit.parentId(parent));
  }
  return seen.size;
}
