import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { Notice, Topic } from './topic.ts';

export const EVENT_CHANNEL = 'kosuke_event';

interface WireEvent {
  topic: string;
  key: string;
  payload: unknown;
}

/** Text of one event on the wire; PostgreSQL takes at most 8,000 bytes, so events carry ids. */
export function encodeEvent<T>(topic: Topic<T>, key: string, payload: T): string {
  return JSON.stringify({ topic: topic.name, key, payload } satisfies WireEvent);
}

/**
 * Events between all instances, by PostgreSQL NOTIFY. They are sent inside the transaction that made them true
 * (`UnitOfWork`), so nobody hears of a row that is not there yet. One connection of its own listens for this instance.
 */
export class EventBus {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly onProblem: (error: Error) => void,
  ) {}

  async start(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'kosuke-events',
      keepAlive: true,
    });
    client.on('error', (error) => this.reconnect(error));
    client.on('end', () => this.reconnect(new Error('The event connection to the database ended.')));
    client.on('notification', ({ payload }) => this.receive(payload));
    await client.connect();
    await client.query(`LISTEN ${EVENT_CHANNEL}`);
    this.client = client;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    this.emitter.emit('close');
    await this.client?.end();
  }

  on<T>(topic: Topic<T>, key: string, listener: (notice: Notice<T>) => void): () => void {
    const name = `${topic.name}:${key}`;
    const missed = () => listener({ kind: 'missed' });
    this.emitter.on(name, listener);
    this.emitter.on('missed', missed);
    return () => {
      this.emitter.off(name, listener);
      this.emitter.off('missed', missed);
    };
  }

  /** Listens from the call on, not from the first read; ends when the bus closes or the reader returns. */
  subscribe<T>(topic: Topic<T>, key: string): AsyncIterableIterator<Notice<T>> {
    const queue: Notice<T>[] = [];
    let wake: (() => void) | undefined;
    let done = false;
    const off = this.on(topic, key, (notice) => {
      queue.push(notice);
      wake?.();
    });
    const finish = () => {
      done = true;
      off();
      this.emitter.off('close', finish);
      wake?.();
    };
    this.emitter.once('close', finish);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        while (queue.length === 0 && !done) await new Promise<void>((resolve) => (wake = resolve));
        const value = queue.shift();
        return value ? { value, done: false } : { value: undefined, done: true };
      },
      async return() {
        finish();
        queue.length = 0;
        return { value: undefined, done: true };
      },
    };
  }

  private receive(text: string | undefined): void {
    if (!text) return;
    const event = JSON.parse(text) as WireEvent;
    this.emitter.emit(`${event.topic}:${event.key}`, { kind: 'event', payload: event.payload });
  }

  private reconnect(error: Error): void {
    if (this.closed || this.retry) return;
    this.onProblem(error);
    this.client?.removeAllListeners();
    this.client?.on('error', () => undefined);
    this.client?.end().catch(() => undefined);
    this.client = undefined;
    this.retry = setTimeout(async () => {
      this.retry = undefined;
      try {
        await this.start();
        this.emitter.emit('missed');
      } catch (cause) {
        this.reconnect(cause as Error);
      }
    }, 250);
  }
}
