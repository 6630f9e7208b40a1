import type { DataSource, EntityManager } from 'typeorm';
import { EVENT_CHANNEL, encodeEvent } from '../events/event-bus.ts';
import type { Topic } from '../events/topic.ts';

/** PostgreSQL refuses a longer notice. */
const MAX_NOTICE_BYTES = 7999;

export interface JobOptions {
  /** Jobs of one queue run one after the other. */
  readonly queueName?: string;
  /** Another job of this key replaces the one that still waits. */
  readonly jobKey?: string;
  /** Default 1: nothing re-runs a job that may already have changed something. */
  readonly maxAttempts?: number;
}

/** What one unit of work may do. All of it happens, or nothing. */
export interface Transaction {
  readonly db: EntityManager;
  /** Held back until the commit, so a subscriber never reads a row that is not there yet. Carries ids, not rows. */
  publish<T>(topic: Topic<T>, key: string, payload: T): void;
  /** Queues a job that no runner sees before the commit. */
  addJob(task: string, payload: unknown, options?: JobOptions): Promise<void>;
}

/** The way every service writes. */
export class UnitOfWork {
  constructor(private readonly dataSource: DataSource) {}

  /** Commits when `work` returns, whatever it returns; rolls back when it throws. `tx` is of no use afterwards. */
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (db) => {
      const notices: string[] = [];
      const result = await work({
        db,
        publish: (topic, key, payload) => {
          notices.push(notice(topic, key, payload));
        },
        addJob: (task, payload, options) => addJob(db, task, payload, options),
      });
      if (notices.length > 0) {
        await db.query(`SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice`, [EVENT_CHANNEL, notices]);
      }
      return result;
    });
  }
}

function notice<T>(topic: Topic<T>, key: string, payload: T): string {
  const text = encodeEvent(topic, key, payload);
  if (Buffer.byteLength(text) > MAX_NOTICE_BYTES) throw new Error(`The event ${topic.name} is too long; publish ids.`);
  return text;
}

async function addJob(db: EntityManager, task: string, payload: unknown, options: JobOptions = {}): Promise<void> {
  await db.query(
    `SELECT graphile_worker.add_job(
       $1::text, payload := $2::json, queue_name := $3::text, max_attempts := $4::int, job_key := $5::text)`,
    [task, JSON.stringify(payload), options.queueName ?? null, options.maxAttempts ?? 1, options.jobKey ?? null],
  );
}
