import type { FileChangeKind } from './git.ts';
import {
  type DiffDelta,
  MODE,
  nodegit,
  plainMode,
  type Repository,
  STATUS,
  STATUS_CONFLICTED,
  type StatusEntry,
} from './nodegit.ts';
import { REPLACEMENT_CHARACTER } from './safe-path.ts';
import { notIgnored, readStatus } from './status-list.ts';

/** What differs from HEAD in a workspace. */
export interface Changes {
  /** Changed files, by path. */
  files: ChangedFile[];
  /** What is changed too but cannot be committed: nested repositories, submodules, closed folders, names that are not UTF-8 or too long. */
  skippedPaths: string[];
}

export interface ChangedFile {
  path: string;
  /** Its entry is written anew. */
  isConflicted: boolean;
  /** Taken out of the index and ignored since: git no longer knows it, though it is there. */
  isForgotten: boolean;
}

export async function readChanges(repository: Repository): Promise<Changes> {
  const { list, unreachable } = await readStatus(repository);
  const files: Changes['files'] = [];
  const skippedPaths = await notIgnored(repository, unreachable);
  for (let index = 0; index < list.entrycount(); index += 1) {
    const change = changeOf(nodegit.Status.byIndex(list, index));
    if (change?.isSkipped) skippedPaths.push(change.path);
    else if (change) {
      const { path, isConflicted, isForgotten } = change;
      files.push({ path, isConflicted, isForgotten });
    }
  }
  return { files, skippedPaths };
}

/** The first changed files by path, with what happened to each, and how many there are. */
export async function firstChanges(
  repository: Repository,
  limit: number,
): Promise<{ files: { path: string; kind: FileChangeKind }[]; count: number }> {
  const { list } = await readStatus(repository);
  const files: { path: string; kind: FileChangeKind }[] = [];
  let skipped = 0;
  // Looking at each of very many entries would cost more than finding them did: the rest is only counted.
  for (let index = 0; index < list.entrycount() && files.length < limit; index += 1) {
    const entry = nodegit.Status.byIndex(list, index);
    const change = changeOf(entry);
    if (!change || change.isSkipped) skipped += 1;
    else files.push({ path: change.path, kind: kindOf(entry.status()) });
  }
  return { files, count: list.entrycount() - skipped };
}

function changeOf(entry: StatusEntry): (ChangedFile & { isSkipped: boolean }) | null {
  const staged = entry.headToIndex();
  const delta = entry.indexToWorkdir() ?? staged;
  if (!delta || (delta === staged && isSame(delta))) return null;
  const path = delta.newFile().path();
  const isConflicted = (entry.status() & STATUS_CONFLICTED) !== 0;
  const isForgotten = !entry.indexToWorkdir() && (entry.status() & STATUS.INDEX_DELETED) !== 0;
  // The one folder that libgit2 names as a whole and does not enter is one that holds a .git.
  if (path.endsWith('/')) return { path: path.slice(0, -1), isConflicted, isForgotten, isSkipped: true };
  const isSubmodule = delta.newFile().mode() === MODE.GITLINK || delta.oldFile().mode() === MODE.GITLINK;
  return { path, isConflicted, isForgotten, isSkipped: isSubmodule || path.includes(REPLACEMENT_CHARACTER) };
}

/** Whether nothing but an old way to write the same mode makes the difference. */
export function isSame(delta: DiffDelta): boolean {
  const [from, to] = [delta.oldFile(), delta.newFile()];
  return from.id().tostrS() === to.id().tostrS() && plainMode(from.mode()) === plainMode(to.mode());
}

/** HEAD against the files, whatever the index says in between. */
function kindOf(status: number): FileChangeKind {
  const has = (flags: number) => (status & flags) !== 0;
  if (has(STATUS.WT_DELETED)) return 'deleted';
  if (has(STATUS.INDEX_DELETED)) return has(STATUS.WT_NEW) ? 'modified' : 'deleted';
  if (has(STATUS.INDEX_NEW | STATUS.WT_NEW)) return 'added';
  if (has(STATUS.INDEX_TYPECHANGE | STATUS.WT_TYPECHANGE)) return 'type-changed';
  return 'modified';
}
