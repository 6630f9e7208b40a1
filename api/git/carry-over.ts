import { readConflicts } from './merge-conflicts.ts';
import { MERGE_FIND_RENAMES, nodegit } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { emptyTree, treeOf } from './trees.ts';
import type { CarryOverInput, CarryOverOutcome } from './updates.ts';
import { workspaceCommit } from './workspace-commit.ts';

/** What was not committed on one commit, as it looks on another one; or the files in which it does not fit. */
export async function carryOver({ basePath, snapshot, from, to }: CarryOverInput): Promise<CarryOverOutcome> {
  const base = await openRepository(basePath);
  try {
    const oid = (sha: string) => nodegit.Oid.fromString(sha);
    const before = from ? await treeOf(base, oid(from)) : await emptyTree(base);
    const merged = await nodegit.Merge.trees(
      base,
      before,
      await treeOf(base, oid(snapshot)),
      await treeOf(base, oid(to)),
      {
        flags: MERGE_FIND_RENAMES,
      },
    );
    const conflicts = await readConflicts(base, merged);
    if (conflicts.length > 0) return { kind: 'conflicts', paths: conflicts.map(({ path }) => path) };
    const tree = await nodegit.Tree.lookup(base, await merged.writeTreeTo(base));
    return { kind: 'carried', sha: await workspaceCommit(base, tree, to) };
  } finally {
    base.cleanup();
  }
}
