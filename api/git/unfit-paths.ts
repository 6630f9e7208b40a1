import { GitError } from './git-error.ts';
import { shown } from './git-folder.ts';
import { MAX_PATH_BYTES } from './instruction-files.ts';
import { MODE, nodegit, type Repository, type Tree } from './nodegit.ts';

const MAX_NAME_BYTES = 255;

/** What some file system or other would take for .git, for the folder itself or for one above: nobody may write there. */
const RESERVED = /^(\.{0,2}|\.git[ .]*|git~1[ .]*)([:\\].*)?$/i;

/**
 * Why the files of a commit cannot lie in a folder, once libgit2 has refused to write them: it gives all reasons the same
 * number. Null when it was none of the paths.
 */
export async function unfitPath(repository: Repository, sha: string, root: string): Promise<GitError | null> {
  const commit = await nodegit.Commit.lookup(repository, nodegit.Oid.fromString(sha));
  const pending = [{ id: commit.treeId(), prefix: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { id, prefix } = next;
    let tree: Tree;
    try {
      tree = await nodegit.Tree.lookup(repository, id);
    } catch (cause) {
      return unfit(prefix || '/', 'which is damaged', 'not-a-repository', cause);
    }
    const names = new Set<string>();
    for (const entry of tree.entries()) {
      const name = entry.name();
      const path = prefix + name;
      if (RESERVED.test(name) || name.includes('/')) return unfit(path, 'a name that git keeps for itself');
      if (entry.filemode() === MODE.LINK && name.toLowerCase() === '.gitmodules') {
        return unfit(path, 'which must be a file and is a link');
      }
      if (names.has(name)) return unfit(path, 'twice');
      names.add(name);
      const bytes = Buffer.byteLength(`${root}/${path}`);
      if (Buffer.byteLength(name) > MAX_NAME_BYTES) return unfit(path, 'a name that is too long for this system');
      if (bytes > MAX_PATH_BYTES) {
        const most = MAX_PATH_BYTES - Buffer.byteLength(`${root}/`);
        return unfit(path, `a path of ${Buffer.byteLength(path)} bytes, and at most ${most} fit into a workspace here`);
      }
      if (entry.filemode() === MODE.TREE) pending.push({ id: entry.id(), prefix: `${path}/` });
    }
  }
  return null;
}

function unfit(path: string, what: string, code: 'unsafe-tree' | 'not-a-repository' = 'unsafe-tree', cause?: unknown) {
  return new GitError(code, `The files of this branch cannot be written: it has "${shown(path)}", ${what}.`, { cause });
}
