import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import { type Index, MODE, nodegit, type ReadIndexEntry, type Repository } from './nodegit.ts';
import { isSafePath } from './safe-path.ts';
import type { ConflictKind, MergeConflict, MergeDecision, MergeEdit, MergeSide } from './updates.ts';

/** More than anybody resolves one by one. */
export const CONFLICTS_MAX = 1_000;

/** The files that a merge in memory leaves to a person, by path. The session's side is ours, the base's is theirs. */
export async function readConflicts(repository: Repository, merged: Index): Promise<MergeConflict[]> {
  if (!merged.hasConflicts()) return [];
  const found: Omit<MergeConflict, 'kind' | 'isBinary'>[] = [];
  const iterator = await nodegit.IndexConflictIterator.create(merged);
  for (;;) {
    const { ancestor_out, our_out, their_out } = iterator.next();
    const path = (our_out ?? their_out ?? ancestor_out)?.path;
    if (path === undefined) break;
    if (!isSafePath(path)) {
      throw new GitError('rejected', `The name of "${path}" cannot be handled here, and both sides changed that file.`);
    }
    const [ancestor, ours, theirs] = [ancestor_out, our_out, their_out].map(sideOf) as (MergeSide | null)[];
    found.push({ path, ancestor: ancestor ?? null, ours: ours ?? null, theirs: theirs ?? null, marked: null });
    if (found.length > CONFLICTS_MAX) {
      throw new GitError(
        'rejected',
        `The two sides conflict in more than ${CONFLICTS_MAX} files, which is more than can be resolved here.`,
      );
    }
  }
  const conflicts: MergeConflict[] = [];
  for (const conflict of found) {
    const kind = kindOf(conflict, (await firstBelow(merged, conflict.path)) !== null);
    conflicts.push({ ...conflict, kind, isBinary: await isBinary(repository, conflict) });
  }
  return conflicts.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function sideOf(entry: ReadIndexEntry | null | undefined): MergeSide | null {
  return entry ? { sha: entry.id.tostrS(), mode: entry.mode } : null;
}

/** A file in the folder of this name, where the merge has one. */
async function firstBelow(merged: Index, folder: string): Promise<ReadIndexEntry | null> {
  try {
    return merged.getByIndex(await merged.findPrefix(`${folder}/`));
  } catch (error) {
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

function kindOf(
  { ancestor, ours, theirs }: Pick<MergeConflict, 'ancestor' | 'ours' | 'theirs'>,
  isFolder: boolean,
): ConflictKind {
  const sides = [ancestor, ours, theirs].filter((side) => side !== null);
  if (sides.some(({ mode }) => mode === MODE.GITLINK)) return 'submodule';
  if (isFolder) return 'folder';
  // A file that both sides moved is left with one side at each of its names.
  if (sides.length === 1) return 'renamed';
  if (ours && !theirs) return 'deleted-by-theirs';
  if (theirs && !ours) return 'deleted-by-ours';
  if ((ours?.mode === MODE.LINK) !== (theirs?.mode === MODE.LINK)) return 'type';
  return ancestor ? 'content' : 'added-by-both';
}

async function isBinary(
  repository: Repository,
  { ancestor, ours, theirs }: Omit<MergeConflict, 'kind' | 'isBinary'>,
): Promise<boolean> {
  for (const side of [ancestor, ours, theirs]) {
    if (!side || side.mode === MODE.GITLINK) continue;
    if ((await nodegit.Blob.lookup(repository, side.sha)).isBinary()) return true;
  }
  return false;
}

/** Puts into the merge what was decided before about the same three sides, and gives back what is left. */
export async function applyDecisions(
  repository: Repository,
  merged: Index,
  conflicts: MergeConflict[],
  decisions: MergeDecision[],
): Promise<MergeConflict[]> {
  const left: MergeConflict[] = [];
  for (const conflict of conflicts) {
    const decision = decisions.find((one) => isAbout(one, conflict));
    if (!decision) {
      left.push(conflict);
      continue;
    }
    await put(merged, conflict.path, await storedResult(repository, decision));
  }
  return left;
}

/** What was changed besides the conflicts, where the file is still what it was changed from. */
export async function applyEdits(merged: Index, edits: MergeEdit[]): Promise<void> {
  for (const { path, from, to } of edits) {
    const there = sideOf(merged.getByPath(path, 0));
    if (isSame(there, from)) await put(merged, path, to);
  }
}

/** Whether a decision was made about exactly these three sides. */
export function isAbout(
  decision: Pick<MergeDecision, 'path' | 'ancestor' | 'ours' | 'theirs'>,
  conflict: MergeConflict,
): boolean {
  return (
    decision.path === conflict.path &&
    isSame(decision.ancestor, conflict.ancestor) &&
    isSame(decision.ours, conflict.ours) &&
    isSame(decision.theirs, conflict.theirs)
  );
}

function isSame(one: MergeSide | null, other: MergeSide | null): boolean {
  return one?.sha === other?.sha && one?.mode === other?.mode;
}

async function storedResult(repository: Repository, { result }: MergeDecision): Promise<MergeSide | null> {
  if (!result || 'sha' in result) return result;
  const content = Buffer.from(result.text);
  const id = await nodegit.Blob.createFromBuffer(repository, content, content.length);
  return { sha: id.tostrS(), mode: result.mode };
}

async function clear(merged: Index, path: string): Promise<void> {
  try {
    await merged.conflictRemove(path);
  } catch (error) {
    // There is nothing at all by that name.
    if (libgit2Errno(error) !== -3) throw error;
  }
  if (merged.getByPath(path, 0)) await merged.remove(path, 0);
}

/** The path holds this and nothing else: no stage of a conflict, no folder by the same name, no file above it. */
export async function put(merged: Index, path: string, side: MergeSide | null): Promise<void> {
  await clear(merged, path);
  if (!side) return;
  for (let below = await firstBelow(merged, path); below; below = await firstBelow(merged, path)) {
    await clear(merged, below.path);
  }
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    await clear(merged, path.slice(0, end));
  }
  const time = { seconds: 0, nanoseconds: 0 };
  await merged.add({
    ...{ path, id: side.sha, mode: side.mode, fileSize: 0, dev: 0, ino: 0, uid: 0, gid: 0 },
    ...{ mtime: time, ctime: time, flags: 0, flagsExtended: 0 },
  });
}
