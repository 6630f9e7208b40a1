import { readChanges } from './changes.ts';
import { commitMessage, oneLine } from './commit-message.ts';
import { fileChanges } from './file-changes.ts';
import type { Commit, CommitInput } from './git.ts';
import { nodegit, type Repository, type Tree } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, refTarget, requireBranchName } from './refs.ts';
import { commitOf, publish, requireOnBranch } from './session-branch.ts';
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
    const isSameTree = parentTree?.id().tostrS() === staged.tree.id().tostrS();
    const files = isSameTree ? [] : await fileChanges(workspace, parentTree, staged.tree);
    if (files.length === 0) {
      if (parent) await publish(workspace, base, branchRef, parent);
      return null;
    }
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
    return commitOf(id, input.title, files, staged.skippedPaths);
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

interface Staged {
  tree: Tree;
  skippedPaths: string[];
}

async function stageAll(workspace: Repository, path: string): Promise<Staged> {
  const changes = await readChanges(workspace);
  const index = await workspace.index();
  const refused = await new Staging(workspace, index, path).stage(changes.files);
  // The trees first: the index remembers them then, and the next commit writes only those that changed.
  const tree = await nodegit.Tree.lookup(workspace, await index.writeTree());
  await index.write();
  return { tree, skippedPaths: skipped(changes.skippedPaths, refused) };
}

/** A folder that was skipped as a whole stands for what is in it. */
function skipped(whole: string[], refused: string[]): string[] {
  return [...whole, ...refused.filter((path) => !whole.some((folder) => path.startsWith(`${folder}/`)))].sort();
}
