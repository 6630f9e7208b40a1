import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_PREFIX } from '../git/temporary-folder.ts';
import type { WorkspaceLayout } from './layout.ts';
import { moveToQuarantine, namesIn } from './trash.ts';

/** Files that git makes to keep others out, and that stay when its process is killed. Those of refs are beside the refs. */
const LOCKS = ['HEAD.lock', 'config.lock', 'index.lock', 'packed-refs.lock', 'shallow.lock'];

/** What there should be: the sessions of each project. */
export type KnownSessions = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Compares the folders of projects and sessions with what is known of them. Only for a time in which nothing else is at
 * work in them. Nothing is deleted but locks nobody holds, and no link is followed.
 */
export class DiskCheck {
  constructor(
    private readonly layout: WorkspaceLayout,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Puts aside what nobody knows. Returns the places where it was. */
  async quarantineUnknown(known: KnownSessions): Promise<string[]> {
    const moved: string[] = [];
    for (const project of await namesIn(this.layout.projects)) {
      const sessions = known.get(project);
      const folder = join(this.layout.projects, project);
      if (!sessions || !(await isFolder(folder))) {
        await this.quarantine(folder, moved);
        continue;
      }
      const { sessions: workspaces, homes, keptFolders } = this.layout;
      for (const parent of [workspaces(project), homes(project), keptFolders(project)]) {
        if (!(await isFolder(parent))) continue;
        for (const name of await namesIn(parent)) {
          // Half-made ones are cleared away as what they are.
          if (name.startsWith(TEMPORARY_PREFIX)) continue;
          const path = join(parent, name);
          if (!sessions.has(name) || !(await isFolder(path))) await this.quarantine(path, moved);
        }
      }
    }
    return moved;
  }

  /** Removes the locks of processes that are gone from every repository. Returns how many there were. */
  async removeStaleLocks(known: KnownSessions): Promise<number> {
    let removed = 0;
    for (const [project, sessions] of known) {
      const folders = [
        this.layout.base(project),
        ...[...sessions].map((session) => join(this.layout.workspace(project, session), '.git')),
      ];
      for (const folder of folders) removed += await this.removeLocksOf(folder);
    }
    return removed;
  }

  private async removeLocksOf(gitFolder: string): Promise<number> {
    if (!(await isFolder(gitFolder))) return 0;
    let removed = 0;
    for (const name of LOCKS) removed += await this.removeLock(join(gitFolder, name));
    return removed + (await this.removeLocksBelow(join(gitFolder, 'refs')));
  }

  private async removeLocksBelow(folder: string): Promise<number> {
    let removed = 0;
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) removed += await this.removeLocksBelow(path);
      else if (entry.name.endsWith('.lock')) removed += await this.removeLock(path);
    }
    return removed;
  }

  private async removeLock(path: string): Promise<number> {
    try {
      await unlink(path);
      return 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onError(error);
      return 0;
    }
  }

  private async quarantine(path: string, moved: string[]): Promise<void> {
    try {
      if (await moveToQuarantine(path, this.layout)) moved.push(path);
    } catch (error) {
      this.onError(error);
    }
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}
