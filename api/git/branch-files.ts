import type { BranchFile } from './git.ts';
import { libgit2Errno } from './git-failure.ts';
import type { GitOperations } from './git-operations.ts';
import { MODE, nodegit, type Repository, type Tree, type TreeEntry } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { BRANCH_PREFIX, refTarget } from './refs.ts';

/** What a branch holds under these paths, with the text of files that are not longer than `maxBytes`. */
export async function branchFiles({ path, branch, files, maxBytes }: GitOperations['branchFiles']['input']) {
  const repository = await openRepository(path);
  const target = await refTarget(repository, BRANCH_PREFIX + branch);
  const tree =
    target && (await nodegit.Tree.lookup(repository, (await nodegit.Commit.lookup(repository, target)).treeId()));
  const found: BranchFile[] = [];
  for (const file of files) {
    const entry = tree && (await entryAt(tree, file));
    if (!entry) found.push({ path: file, kind: null, text: null });
    else found.push({ path: file, kind: kindOf(entry), text: await textOf(repository, entry, maxBytes) });
  }
  repository.cleanup();
  return found;
}

async function entryAt(tree: Tree, path: string): Promise<TreeEntry | null> {
  try {
    return await tree.entryByPath(path);
  } catch (error) {
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

function kindOf(entry: TreeEntry): BranchFile['kind'] {
  switch (entry.filemode()) {
    case MODE.TREE:
      return 'folder';
    case MODE.LINK:
      return 'link';
    case MODE.GITLINK:
      return 'submodule';
    default:
      return 'file';
  }
}

async function textOf(repository: Repository, entry: TreeEntry, maxBytes: number): Promise<string | null> {
  if (maxBytes === 0 || kindOf(entry) !== 'file') return null;
  const content = (await nodegit.Blob.lookup(repository, entry.id())).content();
  return content.length <= maxBytes ? content.toString('utf8') : null;
}
