import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Changes } from './changes.ts';
import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import { NotInPlace } from './in-place.ts';
import { indexEntry } from './index-entry.ts';
import { ATTR_NO_SYSTEM, type Index, nodegit, type Repository } from './nodegit.ts';
import { blobsOf, type StoredAs, type StoredFile, WorkspaceFiles } from './workspace-files.ts';

/** Attributes whose content git would change with a program or table that libgit2 does not have. */
const UNSUPPORTED_ATTRIBUTES = ['filter', 'working-tree-encoding'];

/** Brings the changed paths of a workspace into its index, path by path. */
export class Staging {
  private readonly scratch: string;
  private readonly files: WorkspaceFiles;

  constructor(
    private readonly repository: Repository,
    private readonly index: Index,
    path: string,
    private readonly storedAs: StoredAs = 'git',
  ) {
    const root = realpathSync.native(path);
    this.scratch = join(root, '.git', 'kosuke-staging');
    this.files = new WorkspaceFiles({
      workspace: repository,
      root,
      store: blobsOf(repository),
      scratch: this.scratch,
      storedAs,
    });
  }

  /** Returns the paths that stay as they were: those nobody may read, and names git itself refuses (such as .GIT/x). */
  async stage(files: Changes['files']): Promise<string[]> {
    const found = files.map((file) => ({
      ...file,
      at: file.isForgotten ? ('gone' as const) : this.files.look(file.path),
    }));
    rmSync(this.scratch, { recursive: true, force: true });
    mkdirSync(this.scratch, { mode: 0o700 });
    try {
      if (this.storedAs === 'git') {
        const present = found.filter(({ at }) => at === 'file').map(({ path }) => path);
        // libgit2 goes by the attributes in the index too: a line that was taken out would count on.
        for (const path of present.filter(isAttributes)) await this.add(path, 'file');
        await this.refuseUnsupported(present);
      }
      // What is gone goes first: a file may stand where a folder was.
      for (const { path, isConflicted, at } of found) {
        if (at === 'gone' || (isConflicted && at !== 'unreadable')) await this.remove(path);
      }
      const refused: string[] = [];
      for (const { path, at } of found) {
        if (at === 'gone') continue;
        if (at === 'unreadable' || !(await this.add(path, at))) refused.push(path);
      }
      return refused;
    } finally {
      rmSync(this.scratch, { recursive: true, force: true });
    }
  }

  private async refuseUnsupported(paths: string[]): Promise<void> {
    const refused: string[] = [];
    for (const path of paths) {
      for (const attribute of UNSUPPORTED_ATTRIBUTES) {
        const value = await nodegit.Attr.get(this.repository, ATTR_NO_SYSTEM, path, attribute);
        if (value && !value.startsWith('[internal]')) refused.push(`${path} (${attribute}=${value})`);
      }
    }
    if (refused.length === 0) return;
    const named = refused.slice(0, 5).join(', ');
    const more = refused.length > 5 ? ` and ${refused.length - 5} more` : '';
    throw new GitError(
      'filter-unsupported',
      `Nothing was committed: git would have to convert ${named}${more} with a filter such as Git LFS, which Kosuke does not run. Undo these changes, or take the attribute out of .gitattributes.`,
    );
  }

  private async remove(path: string): Promise<void> {
    try {
      await this.index.removeByPath(path);
    } catch (error) {
      if (libgit2Errno(error) !== -3) throw error;
    }
  }

  private async add(path: string, kind: 'file' | 'link'): Promise<boolean> {
    const { id, mode, stats } = await this.store(path, kind);
    try {
      await this.index.add(indexEntry(path, id, mode, stats));
      return true;
    } catch (error) {
      if (libgit2Errno(error) === -1) return false;
      throw error;
    }
  }

  private async store(path: string, kind: 'file' | 'link'): Promise<StoredFile> {
    try {
      return await (kind === 'link' ? this.files.storeLink(path) : this.files.storeFile(path));
    } catch (error) {
      throw error instanceof NotInPlace ? changedMeanwhile() : error;
    }
  }
}

const isAttributes = (path: string) => basename(path) === '.gitattributes';

function changedMeanwhile(): GitError {
  return new GitError(
    'drifted',
    'Files of the workspace were replaced while they were committed. Nothing was committed.',
  );
}
