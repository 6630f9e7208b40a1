import { join } from 'node:path';
import { readChanges } from './changes.ts';
import { commitMessage, trailerOf } from './commit-message.ts';
import { conflictPaths } from './conflict-paths.ts';
import { fileChanges } from './file-changes.ts';
import type { Reverted, RevertInput } from './git.ts';
import { GitError } from './git-error.ts';
import { type Commit, MERGE_FIND_RENAMES, nodegit, type Oid, type Repository, type Tree } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { putFiles } from './put-files.ts';
import { BRANCH_PREFIX, refTarget, requireBranchName } from './refs.ts';
import { commitOf, publish, requireOnBranch } from './session-branch.ts';
import { COMMITTER, commitSignature } from './signature.ts';
import { removeStaleLocks } from './stale-locks.ts';
import { treeOf } from './trees.ts';

const OPERATION = 'Operation';

/** The branch moves before the files do: a commit of this very operation at its tip says that only they are left to do. */
export async function revertCommit(input: RevertInput): Promise<Reverted> {
  requireBranchName(input.branch);
  const branchRef = BRANCH_PREFIX + input.branch;
  const workspace = await openWorkspace(input.path);
  const base = await openRepository(input.basePath);
  try {
    await requireOnBranch(workspace, input.branch);
    removeStaleLocks(workspace, base, branchRef);
    const tip = await refTarget(workspace, branchRef);
    if (!tip) throw notThere();
    const newest = await nodegit.Commit.lookup(workspace, tip);
    if (trailerOf(newest.message(), OPERATION) === input.operation) {
      await publish(workspace, base, branchRef, tip);
      return await placeFiles(workspace, input, newest.parentId(0), tip);
    }
    const undone = await undo(workspace, tip, input.sha);
    if ('kind' in undone) return undone;
    const id = await nodegit.Commit.create(
      workspace,
      null,
      commitSignature(input.author),
      commitSignature(COMMITTER),
      null,
      commitMessage({ ...input, trailers: { ...input.trailers, [OPERATION]: input.operation } }),
      undone.tree,
      1,
      [newest],
    );
    await publish(workspace, base, branchRef, id);
    await nodegit.Reference.create(workspace, branchRef, id, 1, 'revert');
    return await placeFiles(workspace, input, tip, id);
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

/** The tree without what the commit did, or why there is none. */
async function undo(workspace: Repository, tip: Oid, sha: string): Promise<{ tree: Tree } | Reverted> {
  const commit = await commitOn(workspace, tip, sha);
  const before = commit.parentcount() > 0 ? await treeOf(workspace, commit.parentId(0)) : await emptyTree(workspace);
  const now = await treeOf(workspace, tip);
  const merged = await nodegit.Merge.trees(workspace, await treeOf(workspace, commit.id()), now, before, {
    flags: MERGE_FIND_RENAMES,
  });
  const conflicts = await conflictPaths(merged);
  if (conflicts.length > 0) return { kind: 'conflict', paths: conflicts };
  const tree = await nodegit.Tree.lookup(workspace, await merged.writeTreeTo(workspace));
  if (tree.id().tostrS() === now.id().tostrS()) return { kind: 'nothing' };
  const touched = new Set<string>();
  for (const { path, oldPath } of await fileChanges(workspace, now, tree)) {
    touched.add(path);
    if (oldPath) touched.add(oldPath);
  }
  const { files } = await readChanges(workspace);
  const uncommitted = files.filter(({ path }) => touched.has(path)).map(({ path }) => path);
  return uncommitted.length > 0 ? { kind: 'uncommitted', paths: uncommitted } : { tree };
}

async function commitOn(workspace: Repository, tip: Oid, sha: string): Promise<Commit> {
  const id = nodegit.Oid.fromString(sha);
  if ((await workspace.odb()).existsExt(id, 0) !== 1) throw notThere();
  if ((await nodegit.Graph.reachableFromAny(workspace, id, [tip], 1)) !== 1) throw notThere();
  return await nodegit.Commit.lookup(workspace, id);
}

async function placeFiles(workspace: Repository, input: RevertInput, from: Oid, to: Oid): Promise<Reverted> {
  const [before, after] = [await treeOf(workspace, from), await treeOf(workspace, to)];
  const index = await workspace.index();
  await index.readTree(after);
  const placing = { repository: workspace, root: input.path, from: before, to: after, committed: after, index };
  const { keptPaths } = await putFiles(placing);
  await index.write();
  const files = await fileChanges(workspace, before, after);
  return { kind: 'reverted', commit: commitOf(to, input.title, files, []), keptPaths };
}

/** An index of no file makes it. */
async function emptyTree(workspace: Repository): Promise<Tree> {
  const nothing = await nodegit.Index.open(join(workspace.path(), 'kosuke-no-index'));
  return await nodegit.Tree.lookup(workspace, await nothing.writeTreeTo(workspace));
}

function notThere(): GitError {
  return new GitError('not-found', 'The branch of this session no longer has that commit, so it cannot be undone.');
}
