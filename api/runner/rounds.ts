/**
 * The same work for many keys, one key at a time, in the order they were asked for. A key that is asked for again while it
 * waits is done once; asked for while it is being done, it is done once more.
 */
export class Rounds {
  private readonly waiting = new Map<string, { promise: Promise<void>; resolve: () => void }>();
  private going: Promise<void> | null = null;
  private isClosed = false;

  constructor(
    private readonly work: (key: string) => Promise<void>,
    private readonly onError: (error: unknown, key: string) => void,
  ) {}

  /** Resolves when the work has been done for this key, from a beginning after the call. Never rejects. */
  ask(key: string): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    const known = this.waiting.get(key);
    if (known) return known.promise;
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.waiting.set(key, { promise, resolve });
    this.going ??= this.goOn();
    return promise;
  }

  /** What waits is dropped; resolves when what is being done has ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { resolve } of this.waiting.values()) resolve();
    this.waiting.clear();
    await this.going;
  }

  private async goOn(): Promise<void> {
    // Whoever asks for many in one go has asked for all of them before the first one begins.
    await Promise.resolve();
    for (;;) {
      const [next] = this.waiting;
      if (!next) break;
      const [key, { resolve }] = next;
      this.waiting.delete(key);
      await this.work(key).catch((error) => this.onError(error, key));
      resolve();
    }
    this.going = null;
  }
}
