import type { GitProgress } from '../git/git.ts';

const EVERY_MS = 250;

/** Writes down how far something is, four times a second at most, and nothing any more once it has ended. */
export class ProgressLog {
  private lastAt = Number.NEGATIVE_INFINITY;
  private writing: Promise<void> = Promise.resolve();
  private hasEnded = false;

  constructor(private readonly write: (progress: GitProgress) => Promise<void>) {}

  readonly report = (progress: GitProgress): void => {
    if (this.hasEnded || performance.now() - this.lastAt < EVERY_MS) return;
    this.lastAt = performance.now();
    // What cannot be told of now is told of with the next.
    this.writing = this.writing.then(() => this.write(progress)).catch(() => undefined);
  };

  /** Resolves when what was reported is written: whatever is written after that stays. */
  async end(): Promise<void> {
    this.hasEnded = true;
    await this.writing;
  }
}
