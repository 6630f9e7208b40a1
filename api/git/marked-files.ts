import { put } from './merge-conflicts.ts';
import { type Index, MODE, nodegit, type Repository, type Tree } from './nodegit.ts';
import type { MergeConflict, MergeSide } from './updates.ts';

export interface MarkerLabels {
  ours: string;
  theirs: string;
}

/**
 * The files as a person or an agent finds them to resolve what is left: the parts in conflict between markers where both
 * sides are text, and one side's file elsewhere. `withMarkers` is the same merge, done so that markers do not count as conflicts.
 */
export async function markedTree(
  repository: Repository,
  merged: Index,
  left: MergeConflict[],
  withMarkers: Index,
  labels: MarkerLabels,
): Promise<{ tree: Tree; conflicts: MergeConflict[] }> {
  const conflicts: MergeConflict[] = [];
  for (const conflict of left) {
    const marked = hasMarkers(conflict) ? await relabelled(repository, conflict, withMarkers, labels) : null;
    conflicts.push({ ...conflict, marked: marked?.sha ?? null });
    await put(merged, conflict.path, marked ?? standIn(conflict));
  }
  return { tree: await nodegit.Tree.lookup(repository, await merged.writeTreeTo(repository)), conflicts };
}

/** Whether a text still holds a part that was marked so. */
export function isMarked(content: Buffer, { ours, theirs }: MarkerLabels): boolean {
  return content
    .toString('latin1')
    .split(/\r?\n/)
    .some((line) => line === latin1(`<<<<<<< ${ours}`) || line === latin1(`>>>>>>> ${theirs}`));
}

function hasMarkers({ kind, isBinary, ours, theirs }: MergeConflict): boolean {
  const isText = [ours, theirs].every((side) => side?.mode === MODE.FILE || side?.mode === MODE.EXECUTABLE);
  return !isBinary && isText && (kind === 'content' || kind === 'added-by-both');
}

/** libgit2 calls both sides by the path of the file. */
async function relabelled(
  repository: Repository,
  { path, ours, theirs }: MergeConflict,
  withMarkers: Index,
  labels: MarkerLabels,
): Promise<MergeSide | null> {
  const entry = withMarkers.getByPath(path, 0);
  if (!entry || !ours || !theirs) return null;
  const lines = (await nodegit.Blob.lookup(repository, entry.id)).content().toString('latin1').split('\n');
  const [begin, end] = [latin1(`<<<<<<< ${path}`), latin1(`>>>>>>> ${path}`)];
  const text = lines
    .map((line) => {
      const [bare, tail] = line.endsWith('\r') ? [line.slice(0, -1), '\r'] : [line, ''];
      if (bare === begin) return latin1(`<<<<<<< ${labels.ours}`) + tail;
      return bare === end ? latin1(`>>>>>>> ${labels.theirs}`) + tail : line;
    })
    .join('\n');
  const content = Buffer.from(text, 'latin1');
  const id = await nodegit.Blob.createFromBuffer(repository, content, content.length);
  return { sha: id.tostrS(), mode: entry.mode };
}

/** What lies at a path that cannot be marked: the session's file, else the base's; nothing where a folder is. */
function standIn({ kind, ours, theirs }: MergeConflict): MergeSide | null {
  if (kind === 'folder') return null;
  return ours ?? theirs;
}

/** Bytes of UTF-8, each as a character of its own: contents are compared so, whatever they are written in. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
