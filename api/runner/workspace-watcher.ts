import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { join, sep } from 'node:path';
import { DirectoryWatches } from './directory-watches.ts';
import type { WatchBudget } from './watch-budget.ts';

/** What nobody commits, and what git itself writes all the time. */
const IGNORED = new Set(['.git', 'node_modules']);
/** What of .git says where HEAD and the branches are. */
const GIT_FILES = new Set(['HEAD', 'packed-refs']);

export interface WorkspaceWatcherOptions {
  path: string;
  budget: WatchBudget;
  /** Something in the workspace may have changed: a file, HEAD, a branch. Told often; whoever listens waits a moment. */
  onChange(): void;
  /** Called once, when this workspace cannot be watched, or not any longer. */
  onGiveUp(reason: Error): void;
}

/** Tells when something in a workspace may have changed. */
export class WorkspaceWatcher {
  private readonly others: FSWatcher[] = [];
  private tree: DirectoryWatches | undefined;
  private readonly inode: number | undefined;
  private isClosed = false;

  constructor(private readonly options: WorkspaceWatcherOptions) {
    this.inode = inodeOf(options.path);
  }

  /** Whether the folder it watches is not the one that is there now. */
  isStale(): boolean {
    return this.inode === undefined || this.inode !== inodeOf(this.options.path);
  }

  /** Resolves when everything is watched, or when it was given up or closed before. */
  async start(): Promise<void> {
    const { path, budget, onChange } = this.options;
    // Not made yet, or given back.
    if (this.inode === undefined) return;
    try {
      if (process.platform !== 'linux') {
        // One watch for the whole tree, kept by the system.
        this.watch(path, (name) => isOfInterest(name), true);
        return;
      }
      this.watch(join(path, '.git'), (name) => name !== null && GIT_FILES.has(name));
      this.watch(join(path, '.git', 'refs', 'heads'), (name) => !name?.endsWith('.lock'));
    } catch (error) {
      this.giveUp(error as Error);
      return;
    }
    this.tree = new DirectoryWatches({
      ...{ root: path, budget, ignored: IGNORED, onChange },
      onGiveUp: (reason) => this.giveUp(reason),
    });
    await this.tree.start();
  }

  close(): void {
    this.isClosed = true;
    this.tree?.close();
    for (const watcher of this.others.splice(0)) watcher.close();
  }

  private watch(path: string, matters: (name: string | null) => boolean, recursive = false): void {
    const watcher = watch(path, { persistent: false, recursive }, (_, name) => {
      if (matters(name)) this.options.onChange();
    });
    watcher.on('error', (error) => this.giveUp(error));
    this.others.push(watcher);
  }

  private giveUp(reason: Error): void {
    if (this.isClosed) return;
    this.close();
    this.options.onGiveUp(reason);
  }
}

function isOfInterest(name: string | null): boolean {
  const parts = name?.split(sep) ?? [];
  if (parts[0] !== '.git') return !parts.includes('node_modules');
  return parts.length === 2 ? GIT_FILES.has(parts[1] ?? '') : parts[1] === 'refs' && parts[2] === 'heads';
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}
