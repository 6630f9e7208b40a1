import {
  DIFF_DISABLE_PATHSPEC_MATCH,
  type DiffFile,
  MODE,
  nodegit,
  type Oid,
  type Repository,
  type Tree,
} from './nodegit.ts';
import type { FileMode } from './reads.ts';

/** A file of a tree. */
export interface TreeFile {
  id: Oid;
  mode: number;
  /** Zero of submodules. */
  bytes: number;
}

/** What browsers show as a picture, by the ends of names. */
const IMAGE_NAME = /\.(png|apng|jpe?g|gif|webp|avif|bmp|ico|svg)$/i;

export const isImageName = (path: string): boolean => IMAGE_NAME.test(path);

export function fileMode(mode: number): FileMode {
  switch (mode) {
    case MODE.LINK:
      return 'link';
    case MODE.GITLINK:
      return 'submodule';
    case MODE.EXECUTABLE:
      return 'executable';
    default:
      return 'file';
  }
}

/**
 * These files of a tree with their sizes; those that are not there are left out. libgit2 reads the size of an object
 * without the object only while it compares, so the tree is compared with nothing.
 */
export async function filesOf(repository: Repository, tree: Tree, paths: string[]): Promise<Map<string, TreeFile>> {
  const found = new Map<string, TreeFile>();
  if (paths.length === 0) return found;
  const wanted = new Set(paths);
  const diff = await nodegit.Diff.treeToTree(repository, null, tree, {
    flags: DIFF_DISABLE_PATHSPEC_MATCH,
    contextLines: 0,
    maxSize: 1,
    pathspec: paths,
  });
  // A name stands for all that is in it where it is a folder.
  const indexes: number[] = [];
  for (let index = 0; index < diff.numDeltas(); index += 1) {
    const file: DiffFile = diff.getDelta(index).newFile();
    if (wanted.has(file.path())) indexes.push(index);
  }
  for (const patch of indexes.length > 0 ? await diff.patches(indexes) : []) {
    const file = patch.newFile();
    // An id of its own: the one in the file goes with the patch.
    const id = nodegit.Oid.fromString(file.id().tostrS());
    found.set(file.path(), { id, mode: file.mode(), bytes: file.size() });
  }
  return found;
}
