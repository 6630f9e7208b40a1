import { type Changes, readChanges } from './changes.ts';
import { filesOf, type TreeFile } from './file-facts.ts';
import { libgit2Errno } from './git-failure.ts';
import { NotInPlace } from './in-place.ts';
import { indexEntry } from './index-entry.ts';
import { type Index, nodegit, type Repository, type Tree } from './nodegit.ts';
import { COMPARABLE_BYTES, MAX_LISTED } from './reads.ts';
import { refTarget } from './refs.ts';
import type { ScratchStore } from './scratch-store.ts';
import { type StoredFile, WorkspaceFiles } from './workspace-files.ts';

/** So much of what is not committed is read to be compared; past it, files are only named. */
const READ_BYTES = 32 * 1024 * 1024;

/** A workspace as the next commit would hold it: an index of its own, its new content in a scratch store. */
export class WorkspaceIndex {
  /** Changed files that are too large to be read, with their bytes: something of its own stands for their content. */
  readonly unread = new Map<string, number>();
  /** Changed files that are not in the index, because there are too many. */
  readonly unlisted: string[];
  /** What is changed but no commit would hold. */
  readonly skippedPaths: string[];
  private readonly stored = new Map<string, TreeFile>();

  private constructor(
    private readonly workspace: Repository,
    private readonly head: Tree | null,
    readonly index: Index,
    changes: Changes,
  ) {
    this.unlisted = changes.files.slice(MAX_LISTED).map(({ path }) => path);
    this.skippedPaths = [...changes.skippedPaths];
  }

  static async read(workspace: Repository, scratch: ScratchStore): Promise<WorkspaceIndex> {
    const changes = await readChanges(workspace);
    const head = await headTree(workspace);
    const index = await scratch.index();
    if (head) await index.readTree(head);
    const read = new WorkspaceIndex(workspace, head, index, changes);
    await read.fill(changes.files.slice(0, MAX_LISTED), WorkspaceFiles.of(workspace, scratch));
    read.skippedPaths.sort();
    return read;
  }

  /** These files as they are in the workspace, with their sizes. */
  async filesOf(paths: string[]): Promise<Map<string, TreeFile>> {
    const unchanged = paths.filter((path) => !this.stored.has(path));
    const found = this.head ? await filesOf(this.workspace, this.head, unchanged) : new Map<string, TreeFile>();
    for (const path of paths) {
      const file = this.stored.get(path);
      if (file) found.set(path, file);
    }
    return found;
  }

  private async fill(changes: Changes['files'], files: WorkspaceFiles): Promise<void> {
    const found = changes.map(({ path, isForgotten }) => ({
      path,
      at: isForgotten ? ('gone' as const) : files.look(path),
    }));
    // What is gone goes first: a file may stand where a folder was.
    for (const { path, at } of found) if (at === 'gone') await this.remove(path);
    let left = READ_BYTES;
    for (const { path, at } of found) {
      if (at === 'gone') continue;
      if (at === 'unreadable') {
        this.skippedPaths.push(path);
        continue;
      }
      try {
        const maxBytes = Math.min(COMPARABLE_BYTES, left);
        const file = await (at === 'link' ? files.storeLink(path) : files.storeFile(path, maxBytes));
        if (file.isWhole) left -= Number(file.stats.size);
        if (!(await this.add(path, file))) this.skippedPaths.push(path);
      } catch (error) {
        if (!(error instanceof NotInPlace)) throw error;
        await this.remove(path);
      }
    }
  }

  /** False for names that git itself refuses, such as .GIT/x. */
  private async add(path: string, { id, mode, stats, isWhole }: StoredFile): Promise<boolean> {
    try {
      await this.index.add(indexEntry(path, id, mode, stats));
    } catch (error) {
      if (libgit2Errno(error) === -1) return false;
      throw error;
    }
    this.stored.set(path, { id, mode, bytes: Number(stats.size) });
    if (!isWhole) this.unread.set(path, Number(stats.size));
    return true;
  }

  private async remove(path: string): Promise<void> {
    try {
      await this.index.removeByPath(path);
    } catch (error) {
      if (libgit2Errno(error) !== -3) throw error;
    }
  }
}

export async function headTree(workspace: Repository): Promise<Tree | null> {
  const head = await refTarget(workspace, 'HEAD');
  if (!head) return null;
  return await nodegit.Tree.lookup(workspace, (await nodegit.Commit.lookup(workspace, head)).treeId());
}
