import { isMarked } from './marked-files.ts';
import { DIFF_INCLUDE_TYPECHANGE, type DiffFile, MODE, nodegit, type Repository } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { treeOf } from './trees.ts';
import type { AgentResolutions, AgentResolutionsInput, MergeDecision, MergeEdit, MergeSide } from './updates.ts';

/**
 * Reads what an agent made of files in conflict: what it changed and freed of markers counts as resolved, what it left as it
 * was does not. Whatever else it changed comes along as edits.
 */
export async function agentResolutions(input: AgentResolutionsInput): Promise<AgentResolutions> {
  const { basePath, marked, found, conflicts, step } = input;
  const base = await openRepository(basePath);
  try {
    const [before, after] = [nodegit.Oid.fromString(marked), nodegit.Oid.fromString(found)];
    const diff = await nodegit.Diff.treeToTree(base, await treeOf(base, before), await treeOf(base, after), {
      flags: DIFF_INCLUDE_TYPECHANGE,
      contextLines: 0,
    });
    const decisions: MergeDecision[] = [];
    const edits: MergeEdit[] = [];
    for (let index = 0; index < diff.numDeltas(); index += 1) {
      const delta = diff.getDelta(index);
      const path = delta.newFile().path();
      const to = sideOf(delta.newFile());
      const conflict = conflicts.find((one) => one.path === path);
      if (!conflict) edits.push({ path, from: sideOf(delta.oldFile()), to, step });
      else if (!(to && (await hasMarkers(base, to, input)))) {
        const { ancestor, ours, theirs } = conflict;
        decisions.push({ path, ancestor, ours, theirs, result: to });
      }
    }
    return { decisions, edits };
  } finally {
    base.cleanup();
  }
}

function sideOf(file: DiffFile): MergeSide | null {
  return file.mode() === 0 ? null : { sha: file.id().tostrS(), mode: file.mode() };
}

async function hasMarkers(
  base: Repository,
  side: MergeSide,
  { branch, baseBranch }: AgentResolutionsInput,
): Promise<boolean> {
  if (side.mode !== MODE.FILE && side.mode !== MODE.EXECUTABLE) return false;
  const content = (await nodegit.Blob.lookup(base, side.sha)).content();
  return isMarked(content, { ours: branch, theirs: baseBranch });
}
