import { MODE, nodegit, type Repository, STATUS_CONFLICTED, STATUS_OPTION, type StatusList } from './nodegit.ts';

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
    const entry = nodegit.Status.byIndex(list, index);
    const delta = entry.indexToWorkdir() ?? entry.headToIndex();
    if (!delta) continue;
    const path = delta.newFile().path();
    const isSubmodule = delta.newFile().mode() === MODE.GITLINK || delta.oldFile().mode() === MODE.GITLINK;
    // The one folder that libgit2 names as a whole and does not enter is one that holds a .git.
    if (path.endsWith('/')) skippedPaths.push(path.slice(0, -1));
    else if (isSubmodule || path.includes(REPLACEMENT_CHARACTER)) skippedPaths.push(path);
    else files.push({ path, isConflicted: (entry.status() & STATUS_CONFLICTED) !== 0 });
  }
  return { files, skippedPaths };
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
