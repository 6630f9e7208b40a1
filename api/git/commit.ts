import { readChanges } from './changes.ts';
import { commitMessage, oneLine } from './commit-message.ts';
import { copyCommits } from './copy-commits.ts';
import { fileChanges } from './file-changes.ts';
import type { Commit, CommitInput } from './git.ts';
import { GitError } from './git-error.ts';
import { nodegit, type Oid, type Repository, type Tree } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, refTarget, requireBranchName } from './refs.ts';
import { COMMITTER, commitSignature } from './signature.ts';
import { Staging } from './staging.ts';
import { removeStaleLocks } from './stale-locks.ts';
import { treeOf } from './trees.ts';

export async function commitAll(input: CommitInput): Promise<Commit | null> {
  requireBranchName(input.branch);
  const branchRef = BRANCH_PREFIX + input.branch;
  const workspace = await openWorkspace(input.path);
  const base = await openRepository(input.basePath);
  try {
    await requireOnBranch(workspace, input.branch);
    removeStaleLocks(workspace, base, branchRef);
    const parent = await refTarget(workspace, branchRef);
    const staged = await stageAll(workspace, input.path);
    const parentTree = parent ? await treeOf(workspace, parent) : null;
    const isEmpty = parentTree ? parentTree.id().tostrS() === staged.tree.id().tostrS() : !staged.hasFiles;
    if (isEmpty) {
      if (parent) await publish(workspace, base, branchRef, parent);
      return null;
    }
    const files = await fileChanges(workspace, parentTree, staged.tree);
    const id = await nodegit.Commit.create(
      workspace,
      null,
      commitSignature(input.author),
      commitSignature(COMMITTER),
      null,
      commitMessage(input),
      staged.tree,
      parent ? 1 : 0,
      parent ? [await nodegit.Commit.lookup(workspace, parent)] : [],
    );
    // The workspace's branch moves last: stopped anywhere before, the same call again makes the commit.
    await publish(workspace, base, branchRef, id);
    await nodegit.Reference.create(workspace, branchRef, id, 1, `commit: ${oneLine(input.title)}`);
    return {
      sha: id.tostrS(),
      title: oneLine(input.title),
      files,
      additions: sum(files.map((file) => file.additions)),
      deletions: sum(files.map((file) => file.deletions)),
      skippedPaths: staged.skippedPaths,
    };
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

async function requireOnBranch(workspace: Repository, branch: string): Promise<void> {
  const head = await headRef(workspace).catch(() => null);
  if (head === BRANCH_PREFIX + branch) return;
  const where = head?.startsWith(BRANCH_PREFIX) ? `on "${head.slice(BRANCH_PREFIX.length)}"` : 'on no branch';
  throw new GitError(
    'drifted',
    `The workspace is ${where} instead of "${branch}", so nothing was committed. Switch it back to continue.`,
  );
}

interface Staged {
  tree: Tree;
  hasFiles: boolean;
  skippedPaths: string[];
}

async function stageAll(workspace: Repository, path: string): Promise<Staged> {
  const changes = await readChanges(workspace);
  const index = await workspace.index();
  const refused = await new Staging(workspace, index, path).stage(changes.files);
  // The trees first: the index remembers them then, and the next commit writes only those that changed.
  const tree = await nodegit.Tree.lookup(workspace, await index.writeTree());
  await index.write();
  return { tree, hasFiles: tree.entries().length > 0, skippedPaths: [...changes.skippedPaths, ...refused].sort() };
}

async function publish(workspace: Repository, base: Repository, branchRef: string, id: Oid): Promise<void> {
  const there = await refTarget(base, branchRef);
  if (there?.tostrS() === id.tostrS()) return;
  await copyCommits(workspace, base, id);
  await nodegit.Reference.create(base, branchRef, id, 1, '');
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
