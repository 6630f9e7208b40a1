import { copyCommits } from './copy-commits.ts';
import { fileChanges } from './file-changes.ts';
import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import { type MarkerLabels, markedTree } from './marked-files.ts';
import { applyDecisions, applyEdits, readConflicts } from './merge-conflicts.ts';
import {
  type Commit,
  type Index,
  MERGE_FILE_ACCEPT_CONFLICTS,
  MERGE_FIND_RENAMES,
  nodegit,
  type Oid,
  type Repository,
  SORT_OLDEST_FIRST,
  type Tree,
} from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, refTarget, requireBranchName } from './refs.ts';
import { COMMITTER, commitSignature } from './signature.ts';
import { emptyTree, treeOf } from './trees.ts';
import type { BaseUpdateInput, BaseUpdateOutcome, ConflictedCommit } from './updates.ts';
import { workspaceCommit } from './workspace-commit.ts';

/** Rewriting more commits than this one by one would take minutes. */
const REBASE_MAX = 1_000;
/** Of larger updates only the number of files is told. */
const LISTED_FILES_MAX = 1_000;
const ITERATION_OVER = -31;

/**
 * Works an update out in the base repository; no branch and no file of the workspace moves. The same input gives the same
 * commits, so whoever was cut off behind this just asks again.
 */
export async function computeBaseUpdate(input: BaseUpdateInput): Promise<BaseUpdateOutcome> {
  requireBranchName(input.branch);
  requireBranchName(input.baseBranch);
  const base = await openRepository(input.basePath);
  try {
    if (input.tip) await bringTip(input, base);
    return await new BaseUpdate(base, input).compute();
  } finally {
    base.cleanup();
  }
}

async function bringTip({ path, tip }: BaseUpdateInput, base: Repository): Promise<void> {
  const id = nodegit.Oid.fromString(tip as string);
  if ((await base.odb()).existsExt(id, 0) === 1) return;
  const workspace = await openWorkspace(path);
  try {
    await copyCommits(workspace, base, id);
  } finally {
    workspace.cleanup();
  }
}

class BaseUpdate {
  private readonly labels: MarkerLabels;

  constructor(
    private readonly base: Repository,
    private readonly input: BaseUpdateInput,
  ) {
    this.labels = { ours: input.branch, theirs: input.baseBranch };
  }

  async compute(): Promise<BaseUpdateOutcome> {
    const { base, input } = this;
    const theirs = await refTarget(base, BRANCH_PREFIX + input.baseBranch);
    if (!theirs) {
      throw new GitError(
        'not-found',
        `The branch "${input.baseBranch}" has no commit in this project, or is not there any more, so there is nothing to update from. Refresh the project when its source has the branch.`,
      );
    }
    if (!input.tip) return await this.done(theirs, theirs, { isFastForward: true, dropped: 0 });
    const ours = nodegit.Oid.fromString(input.tip);
    const ancestor = await this.ancestorOf(ours, theirs);
    if (ancestor.tostrS() === theirs.tostrS()) return { kind: 'up-to-date', baseSha: theirs.tostrS() };
    if (ancestor.tostrS() === ours.tostrS()) {
      return await this.done(theirs, theirs, { isFastForward: true, dropped: 0 });
    }
    return input.strategy === 'merge' ? await this.merge(ours, theirs) : await this.rebase(ours, theirs);
  }

  private async ancestorOf(ours: Oid, theirs: Oid): Promise<Oid> {
    try {
      return await nodegit.Merge.base(this.base, ours, theirs);
    } catch (error) {
      if (libgit2Errno(error) !== -3) throw error;
      throw new GitError(
        'rejected',
        `The branch of this chat and "${this.input.baseBranch}" have no commit in common, so one cannot be brought into the other. The base was written anew, or the repository is a shallow clone. Start a new chat from it.`,
      );
    }
  }

  private async merge(ours: Oid, theirs: Oid): Promise<BaseUpdateOutcome> {
    const [ourCommit, theirCommit] = [await this.commit(ours), await this.commit(theirs)];
    const merge = (fileFlags: number) =>
      nodegit.Merge.commits(this.base, ourCommit, theirCommit, { flags: MERGE_FIND_RENAMES, fileFlags });
    const merged = await this.settle(merge, 'merge');
    if (merged.kind === 'conflicts') return { ...merged, baseSha: theirs.tostrS(), commit: null };
    const message = `Merge ${this.input.baseBranch} into ${this.input.branch}\n`;
    const author = commitSignature(this.input.author, this.when());
    const id = await this.create(author, message, merged.tree, [ourCommit, theirCommit]);
    return await this.done(id, theirs, { isFastForward: false, dropped: 0 });
  }

  /** Commit by commit, as they were made: authors, dates and messages stay. What changes nothing any more is left out. */
  private async rebase(ours: Oid, theirs: Oid): Promise<BaseUpdateOutcome> {
    const commits = await this.commitsToMove(ours, theirs);
    let onto = await this.commit(theirs);
    let dropped = 0;
    for (const [index, picked] of commits.entries()) {
      const [before, after, now] = [
        await this.treeBefore(picked),
        await treeOf(this.base, picked.id()),
        await treeOf(this.base, onto.id()),
      ];
      const pick = (fileFlags: number) =>
        nodegit.Merge.trees(this.base, before, after, now, { flags: MERGE_FIND_RENAMES, fileFlags });
      const moved = await this.settle(pick, picked.id().tostrS());
      if (moved.kind === 'conflicts') {
        const commit: ConflictedCommit = {
          ...{ sha: picked.id().tostrS(), title: picked.summary() },
          ...{ number: index + 1, count: commits.length },
        };
        return { ...moved, baseSha: theirs.tostrS(), commit };
      }
      if (moved.tree.id().tostrS() === now.id().tostrS()) {
        dropped += 1;
        continue;
      }
      onto = await this.commit(await this.create(picked.author(), picked.messageRaw(), moved.tree, [onto]));
    }
    return await this.done(onto.id(), theirs, { isFastForward: false, dropped });
  }

  /** Merges that brought the base in before are left out: the base itself takes their place. */
  private async commitsToMove(ours: Oid, theirs: Oid): Promise<Commit[]> {
    const walk = nodegit.Revwalk.create(this.base);
    walk.push(ours);
    walk.hide(theirs);
    walk.sorting(SORT_OLDEST_FIRST);
    const commits: Commit[] = [];
    for (;;) {
      try {
        const commit = await this.commit(await walk.next());
        if (commit.parentcount() <= 1) commits.push(commit);
      } catch (error) {
        if (libgit2Errno(error) === ITERATION_OVER) return commits;
        throw error;
      }
      if (commits.length > REBASE_MAX) {
        throw new GitError('rejected', `This chat has more than ${REBASE_MAX} commits. Merge instead of rebasing it.`);
      }
    }
  }

  private async treeBefore(commit: Commit): Promise<Tree> {
    return commit.parentcount() === 0 ? await emptyTree(this.base) : await treeOf(this.base, commit.parentId(0));
  }

  /** Merges in memory and puts in what was decided about it. */
  private async settle(merge: (fileFlags: number) => Promise<Index>, step: string) {
    const { base, input } = this;
    const merged = await merge(0);
    const all = await readConflicts(base, merged);
    const left = await applyDecisions(base, merged, all, input.decisions);
    await applyEdits(
      merged,
      input.edits.filter((edit) => edit.step === step),
    );
    if (left.length === 0) {
      return { kind: 'merged' as const, tree: await nodegit.Tree.lookup(base, await merged.writeTreeTo(base)) };
    }
    const withMarkers = await merge(MERGE_FILE_ACCEPT_CONFLICTS);
    const { tree, conflicts } = await markedTree(base, merged, left, withMarkers, this.labels);
    const decided = all.filter((conflict) => !left.includes(conflict));
    return {
      kind: 'conflicts' as const,
      step,
      conflicts,
      decided,
      marked: await workspaceCommit(base, tree, input.tip),
    };
  }

  private async create(
    author: ReturnType<Commit['author']>,
    message: string,
    tree: Tree,
    parents: Commit[],
  ): Promise<Oid> {
    const committer = commitSignature(COMMITTER, this.when());
    return nodegit.Commit.create(this.base, null, author, committer, null, message, tree, parents.length, parents);
  }

  private async done(
    id: Oid,
    theirs: Oid,
    { isFastForward, dropped }: { isFastForward: boolean; dropped: number },
  ): Promise<BaseUpdateOutcome> {
    const { base, input } = this;
    const from = input.tip ? await treeOf(base, nodegit.Oid.fromString(input.tip)) : null;
    const to = await treeOf(base, id);
    const changed = (await nodegit.Diff.treeToTree(base, from, to, { flags: 0, contextLines: 0 })).numDeltas();
    const files = changed > LISTED_FILES_MAX ? [] : await fileChanges(base, from, to);
    const taken = input.tip
      ? (await nodegit.Graph.aheadBehind(base, theirs, nodegit.Oid.fromString(input.tip))).ahead
      : 0;
    const title = (await this.commit(id)).summary();
    return {
      kind: 'done',
      baseSha: theirs.tostrS(),
      sha: id.tostrS(),
      title,
      isFastForward,
      dropped,
      taken,
      changed,
      files,
    };
  }

  private commit(id: Oid): Promise<Commit> {
    return nodegit.Commit.lookup(this.base, id);
  }

  private when(): Date {
    return new Date(this.input.at);
  }
}
