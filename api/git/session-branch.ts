import { oneLine } from './commit-message.ts';
import { copyCommits } from './copy-commits.ts';
import type { Commit, FileChange } from './git.ts';
import { GitError } from './git-error.ts';
import { nodegit, type Oid, type Repository } from './nodegit.ts';
import { BRANCH_PREFIX, headRef, refTarget } from './refs.ts';

export async function requireOnBranch(workspace: Repository, branch: string): Promise<void> {
  const head = await headRef(workspace).catch(() => null);
  if (head === BRANCH_PREFIX + branch) return;
  const where = head?.startsWith(BRANCH_PREFIX) ? `on "${head.slice(BRANCH_PREFIX.length)}"` : 'on no branch';
  throw new GitError(
    'drifted',
    `The workspace is ${where} instead of "${branch}", so nothing was committed. Switch it back to continue.`,
  );
}

/** Brings a commit into the base, and its copy of the branch to it. */
export async function publish(workspace: Repository, base: Repository, branchRef: string, id: Oid): Promise<void> {
  const there = await refTarget(base, branchRef);
  if (there?.tostrS() === id.tostrS()) return;
  await copyCommits(workspace, base, id);
  await nodegit.Reference.create(base, branchRef, id, 1, '');
}

export function commitOf(id: Oid, title: string, files: FileChange[], skippedPaths: string[]): Commit {
  return {
    sha: id.tostrS(),
    title: oneLine(title),
    files,
    additions: sum(files.map((file) => file.additions)),
    deletions: sum(files.map((file) => file.deletions)),
    skippedPaths,
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
