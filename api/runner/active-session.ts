import type { Logger } from 'pino';
import type { WatchBudget } from './watch-budget.ts';
import { WorkspaceWatcher } from './workspace-watcher.ts';

/** Files change in groups: so long after the first one, the branch is checked. */
const STIR_MS = 300;
/** Under constant writing it is checked this often, and more rarely where checks take long. */
const PAUSE_MS = 2_000;
/** How long somebody's interest is taken for granted. */
const LEASE_MS = 60_000;

interface ActiveSessionOptions {
  sessionId: string;
  path: string;
  budget: WatchBudget;
  /** Files may be others now: the branch is to be checked. */
  onStir(): void;
  /** Nobody has an interest any more. */
  onRest(): void;
  log: Logger;
}

/** A session whose files are of interest now: an agent is at work in it, or somebody looks at it. */
export class ActiveSession {
  private turns = 0;
  private lease: NodeJS.Timeout | null = null;
  private watcher: WorkspaceWatcher | null = null;
  private stirring: NodeJS.Timeout | null = null;
  private pausedUntil = 0;
  private isBeingChecked = false;
  private hasStirredMeanwhile = false;
  private isClosed = false;

  constructor(private readonly options: ActiveSessionOptions) {}

  beginTurn(): void {
    this.turns += 1;
  }

  endTurn(): void {
    this.turns -= 1;
    this.restIfIdle();
  }

  /** Somebody looks at it, for a while. */
  renew(): void {
    if (this.lease) {
      this.lease.refresh();
      return;
    }
    this.lease = setTimeout(() => {
      this.lease = null;
      this.restIfIdle();
    }, LEASE_MS).unref();
  }

  /** Watches its files, when they are not watched yet, or were replaced by others. Resolves when everything is watched. */
  async watch(): Promise<void> {
    if (this.watcher && !this.watcher.isStale()) return;
    this.watcher?.close();
    const { path, budget, sessionId, log } = this.options;
    const watcher = new WorkspaceWatcher({
      path,
      budget,
      onChange: () => this.stir(),
      onGiveUp: (err) => {
        this.watcher = null;
        log.warn(
          { err, session: sessionId },
          'The files of a workspace cannot be watched; its branch is checked when its agent does something and when a run ends',
        );
      },
    });
    this.watcher = watcher;
    await watcher.start();
    if (this.isClosed) watcher.close();
  }

  /** Something may have changed. */
  stir(): void {
    this.hasStirredMeanwhile = this.isBeingChecked;
    if (this.isBeingChecked || this.stirring || this.isClosed) return;
    const wait = Math.max(STIR_MS, this.pausedUntil - performance.now());
    this.stirring = setTimeout(() => {
      this.stirring = null;
      this.options.onStir();
    }, wait).unref();
  }

  /** Its branch is checked now: what stirred before is seen by that. */
  beginCheck(): void {
    clearTimeout(this.stirring ?? undefined);
    this.stirring = null;
    this.isBeingChecked = true;
  }

  /** The next check comes after this long at the earliest, even if something stirred during this one. */
  endCheck(pauseMs: number): void {
    this.isBeingChecked = false;
    this.pausedUntil = performance.now() + Math.max(PAUSE_MS, pauseMs);
    if (this.hasStirredMeanwhile) this.stir();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.lease ?? undefined);
    clearTimeout(this.stirring ?? undefined);
    this.watcher?.close();
  }

  private restIfIdle(): void {
    if (this.turns === 0 && !this.lease) this.options.onRest();
  }
}
