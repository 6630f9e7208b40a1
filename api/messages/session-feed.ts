import type { EntityManager } from 'typeorm';
import type { EventBus } from '../events/event-bus.ts';
import { sessionAppended } from '../sessions/session.events.ts';
import type { StoredEvent } from './session-event.type.ts';
import { readEvents } from './session-log.ts';

const READ_AT_ONCE = 500;
const REMEMBERED = 1_000;
const RETRY_MS = 250;

/**
 * The live end of one session's event log, shared by everyone who watches it here: each notice is read from the table
 * once, however many watch. Whoever is further behind than what is remembered reads the table itself.
 */
class SessionFeed {
  watchers = 0;
  private recent: StoredEvent[] = [];
  private seq: number | undefined;
  private wanted = 0;
  private reading: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private waiting = new Set<() => void>();
  private readonly off: () => void;

  constructor(
    private readonly sessionKey: number,
    private readonly db: EntityManager,
    bus: EventBus,
  ) {
    this.off = bus.on(sessionAppended, String(sessionKey), (notice) => {
      // After a lost connection nobody knows how far the log has come: read whatever there is.
      this.wanted = notice.kind === 'event' ? Math.max(this.wanted, notice.payload.seq) : Number.POSITIVE_INFINITY;
      void this.read();
    });
  }

  close(): void {
    clearTimeout(this.retry);
    this.off();
    this.wake();
  }

  /** What follows `seq`, or null when it is not remembered here. */
  after(seq: number): StoredEvent[] | null {
    if (this.seq === undefined || seq >= this.seq) return this.seq === undefined ? null : [];
    const first = this.recent[0];
    if (!first || first.seq > seq + 1) return null;
    return this.recent.slice(seq + 1 - first.seq);
  }

  /** A watcher has read the table up to here; from now on this feed follows. */
  follow(seq: number): void {
    if (this.seq === undefined) this.seq = seq;
    if (this.wanted > this.seq) void this.read();
  }

  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', done);
      this.waiting.add(done);
    });
  }

  private read(): Promise<void> {
    this.reading ??= this.readAll().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readAll(): Promise<void> {
    while (this.seq !== undefined && this.seq < this.wanted) {
      const events = await readEvents(this.db, this.sessionKey, this.seq, READ_AT_ONCE).catch(() => null);
      if (!events) {
        this.retry = setTimeout(() => void this.read(), RETRY_MS).unref();
        return;
      }
      const last = events.at(-1);
      if (!last) {
        this.wanted = this.seq;
        return;
      }
      this.recent = [...this.recent, ...events].slice(-REMEMBERED);
      this.seq = last.seq;
      this.wake();
    }
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }
}

export class SessionFeeds {
  private readonly feeds = new Map<number, SessionFeed>();

  constructor(
    private readonly db: EntityManager,
    private readonly bus: EventBus,
  ) {}

  /** Every event after `seq`, then those to come, each once and in order, until the signal aborts. */
  async *watch(sessionKey: number, seq: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const feed = this.open(sessionKey);
    try {
      let at = seq;
      while (!signal.aborted) {
        let events = feed.after(at);
        if (events === null) {
          events = await readEvents(this.db, sessionKey, at, READ_AT_ONCE);
          if (events.length < READ_AT_ONCE) feed.follow(events.at(-1)?.seq ?? at);
        }
        for (const event of events) {
          if (signal.aborted) return;
          at = event.seq;
          yield event;
        }
        if (events.length === 0 && (feed.after(at)?.length ?? 0) === 0) await feed.wait(signal);
      }
    } finally {
      this.release(sessionKey, feed);
    }
  }

  private open(sessionKey: number): SessionFeed {
    let feed = this.feeds.get(sessionKey);
    if (!feed) {
      feed = new SessionFeed(sessionKey, this.db, this.bus);
      this.feeds.set(sessionKey, feed);
    }
    feed.watchers += 1;
    return feed;
  }

  private release(sessionKey: number, feed: SessionFeed): void {
    feed.watchers -= 1;
    if (feed.watchers > 0) return;
    feed.close();
    this.feeds.delete(sessionKey);
  }
}
