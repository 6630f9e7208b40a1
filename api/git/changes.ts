import type { FileChangeKind } from './git.ts';
import {
  MODE,
  nodegit,
  type Repository,
  STATUS,
  STATUS_CONFLICTED,
  STATUS_OPTION,
  type StatusEntry,
  type StatusList,
} from './nodegit.ts';

/** What differs from HEAD in a workspace. */
export interface Changes {
  /** Changed files, by path. A conflicted one is marked: its entry is written anew. */
  files: { path: string; isConflicted: boolean }[];
  /** What is changed too but cannot be committed: nested repositories, submodules, names that are not UTF-8. */
  skippedPaths: string[];
}

/** What a lossy conversion leaves in a name that was not UTF-8: such a file cannot be addressed through nodegit. */
const REPLACEMENT_CHARACTER = '\uFFFD';

export async function readChanges(repository: Repository): Promise<Changes> {
  const list = await readStatus(repository);
  const files: Changes['files'] = [];
  const skippedPaths: string[] = [];
  for (let index = 0; index < list.entrycount(); index += 1) {
    const change = changeOf(nodegit.Status.byIndex(list, index));
    if (change?.isSkipped) skippedPaths.push(change.path);
    else if (change) files.push({ path: change.path, isConflicted: change.isConflicted });
  }
  return { files, skippedPaths };
}

/** The first changed files by path, with what happened to each, and how many there are. */
export async function firstChanges(
  repository: Repository,
  limit: number,
): Promise<{ files: { path: string; kind: FileChangeKind }[]; count: number }> {
  const list = await readStatus(repository);
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

function changeOf(entry: StatusEntry): { path: string; isConflicted: boolean; isSkipped: boolean } | null {
  const delta = entry.indexToWorkdir() ?? entry.headToIndex();
  if (!delta) return null;
  const path = delta.newFile().path();
  const isConflicted = (entry.status() & STATUS_CONFLICTED) !== 0;
  // The one folder that libgit2 names as a whole and does not enter is one that holds a .git.
  if (path.endsWith('/')) return { path: path.slice(0, -1), isConflicted, isSkipped: true };
  const isSubmodule = delta.newFile().mode() === MODE.GITLINK || delta.oldFile().mode() === MODE.GITLINK;
  return { path, isConflicted, isSkipped: isSubmodule || path.includes(REPLACEMENT_CHARACTER) };
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

/** A file that goes away while libgit2 looks at it fails the whole list, with numbers that say no more: so it looks again. */
async function readStatus(repository: Repository): Promise<StatusList> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await nodegit.StatusList.create(repository, {
        flags: STATUS_OPTION.INCLUDE_UNTRACKED | STATUS_OPTION.RECURSE_UNTRACKED_DIRS,
      });
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}
