import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { WatchBudget } from './watch-budget.ts';

/** New folders are looked for once in a while, not for each of a thousand files that are written into one. */
const SETTLE_MS = 100;

/** Gone meanwhile, or closed to us. */
const GONE = ['ENOENT', 'ENOTDIR', 'EACCES'];

export interface DirectoryWatchesOptions {
  root: string;
  budget: WatchBudget;
  /** Folders of these names are not entered, and what happens to them is not told. */
  ignored: ReadonlySet<string>;
  onChange(): void;
  /** Called once, when the machine or the budget allows no more watches; nothing is watched from then on. */
  onGiveUp(reason: Error): void;
}

/**
 * Watches a tree on Linux with one watch a folder. Node's own recursive watching makes one for each file there, and does it
 * in one go: see docs/adr/0010. Links are never followed.
 */
export class DirectoryWatches {
  private readonly watches = new Map<string, FSWatcher>();
  private readonly unsettled = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: DirectoryWatchesOptions) {}

  /** How many folders are watched. */
  get size(): number {
    return this.watches.size;
  }

  /** Resolves when the whole tree is watched, or when it was given up or closed before. */
  async start(): Promise<void> {
    await this.addTree(this.options.root);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const path of this.watches.keys()) this.remove(path);
  }

  private async addTree(root: string): Promise<void> {
    const pending = [root];
    for (let path = pending.pop(); path !== undefined && !this.isClosed; path = pending.pop()) {
      // The watch comes first: what is made while the folder is read is either listed or told.
      if (!this.add(path)) continue;
      for (const name of await this.foldersIn(path)) pending.push(join(path, name));
    }
  }

  /** False when there is nothing to watch any more. */
  private add(path: string): boolean {
    if (this.watches.has(path)) return true;
    const { budget, onGiveUp } = this.options;
    if (!isFolder(path)) return false;
    let reason = new Error('The watches that Kosuke allows itself are used up.');
    if (budget.take()) {
      try {
        const watcher = watch(path, { persistent: false }, (event, name) => this.receive(path, event, name));
        watcher.on('error', () => this.removeBelow(path));
        this.watches.set(path, watcher);
        return true;
      } catch (error) {
        budget.give();
        if (GONE.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        reason = error as Error;
      }
    }
    this.close();
    onGiveUp(reason);
    return false;
  }

  private receive(path: string, event: string, name: string | null): void {
    if (this.isClosed || (name !== null && this.options.ignored.has(name))) return;
    this.options.onChange();
    if (event !== 'rename') return;
    // A folder that goes away tells of itself, by its own name.
    if (name === basename(path) && path !== this.options.root) {
      this.removeBelow(path);
      this.unsettled.add(dirname(path));
    } else {
      this.unsettled.add(path);
    }
    this.timer ??= setTimeout(() => void this.settle(), SETTLE_MS).unref();
  }

  /** Folders came or went. */
  private async settle(): Promise<void> {
    const paths = [...this.unsettled];
    this.unsettled.clear();
    this.timer = undefined;
    const before = this.watches.size;
    for (const path of paths) {
      const there = new Set((await this.foldersIn(path)).map((name) => join(path, name)));
      for (const known of [...this.watches.keys()]) {
        if (dirname(known) === path && known !== path && !there.has(known)) this.removeBelow(known);
      }
      for (const folder of there) if (!this.watches.has(folder)) await this.addTree(folder);
    }
    // What was written into a new folder before it was watched was told by nobody.
    if (this.watches.size > before && !this.isClosed) this.options.onChange();
  }

  private async foldersIn(path: string): Promise<string[]> {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory() && !this.options.ignored.has(entry.name))
      .map((entry) => entry.name);
  }

  private removeBelow(path: string): void {
    for (const known of [...this.watches.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.remove(known);
    }
  }

  private remove(path: string): void {
    if (!this.watches.has(path)) return;
    this.watches.get(path)?.close();
    this.watches.delete(path);
    this.options.budget.give();
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
