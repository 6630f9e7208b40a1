import { isSame } from './changes.ts';
import type { FileChange, FileChangeKind } from './git.ts';
import {
  DELTA,
  DIFF_FILE_BINARY,
  DIFF_FIND_RENAMES,
  DIFF_INCLUDE_TYPECHANGE,
  nodegit,
  type Repository,
  type Tree,
} from './nodegit.ts';

/** Beyond so many files on both sides, looking for renames costs more than it tells. */
export const RENAME_LIMIT = 1000;

/** The files that differ between two trees, with their changed lines. Without `from`, all of `to` is new. */
export async function fileChanges(repository: Repository, from: Tree | null, to: Tree): Promise<FileChange[]> {
  const diff = await nodegit.Diff.treeToTree(repository, from, to, {
    flags: DIFF_INCLUDE_TYPECHANGE,
    contextLines: 0,
  });
  await diff.findSimilar({ flags: DIFF_FIND_RENAMES, renameLimit: RENAME_LIMIT });
  const changes: FileChange[] = [];
  for (let index = 0; index < diff.numDeltas(); index += 1) {
    const delta = diff.getDelta(index);
    if (delta.oldFile().path() === delta.newFile().path() && isSame(delta)) continue;
    const path = delta.newFile().path();
    const kind = kindOf(delta.status());
    // One patch at a time: each holds all its lines in memory.
    const [patch] = await diff.patches([index]);
    const lines = patch?.lineStats();
    changes.push({
      path,
      oldPath: kind === 'renamed' ? delta.oldFile().path() : null,
      kind,
      additions: lines?.total_additions ?? 0,
      deletions: lines?.total_deletions ?? 0,
      isBinary: ((patch?.newFile() ?? delta.newFile()).flags() & DIFF_FILE_BINARY) !== 0,
    });
  }
  return changes;
}

export function kindOf(status: number): FileChangeKind {
  switch (status) {
    case DELTA.ADDED:
      return 'added';
    case DELTA.DELETED:
      return 'deleted';
    case DELTA.RENAMED:
      return 'renamed';
    case DELTA.TYPE_CHANGED:
      return 'type-changed';
    default:
      return 'modified';
  }
}
