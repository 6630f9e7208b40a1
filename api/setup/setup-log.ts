import { setTimeout as delay } from 'node:timers/promises';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import { storable } from '../messages/storable.ts';
import { setupChanged } from './setup.events.ts';
import type { SetupRun } from './setup-run.entity.ts';

/** What is kept of a log, in UTF-16 units; its last line says when something is missing. */
export const LOG_MAX = 2 ** 20;
const FULL = '\n[The log is full. What follows is not kept; the script goes on.]\n';
const BATCH_MS = 50;
/** A script that writes faster than the database takes it has to wait. */
const PENDING_MAX = 65_536;
const RETRY_MS = 500;
const GIVE_UP_MS = 60_000;

/** The log of one setup: gathered for a moment, stored, and only then told to those who watch. */
export class SetupLog {
  private pending = '';
  private length: number;
  private isFull: boolean;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: UnitOfWork,
    private readonly run: Pick<SetupRun, 'id' | 'chatSessionKey' | 'logLength' | 'logTruncated'>,
    /** Called when nothing can be stored any more. */
    private readonly onBroken: (error: unknown) => void,
  ) {
    this.length = run.logLength;
    this.isFull = run.logTruncated;
  }

  /** Resolves when more can be taken. */
  async write(raw: string): Promise<void> {
    if (this.isFull || raw.length === 0) return;
    const room = LOG_MAX - FULL.length - this.length - this.pending.length;
    const text = storable(raw);
    this.isFull = text.length > room;
    this.pending += this.isFull ? text.slice(0, Math.max(0, room)).toWellFormed() + FULL : text;
    this.timer ??= setTimeout(() => void this.flush().catch(this.onBroken), BATCH_MS);
    if (this.pending.length > PENDING_MAX) await this.flush();
  }

  /** Everything written so far is stored when it resolves. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const written = this.writing.then(() => this.store());
    this.writing = written.catch(() => undefined);
    await written;
  }

  private async store(): Promise<void> {
    const text = this.pending;
    if (text.length === 0) return;
    this.pending = '';
    const start = this.length;
    this.length += text.length;
    const giveUpAt = Date.now() + GIVE_UP_MS;
    for (;;) {
      try {
        return await this.append(start, text);
      } catch (error) {
        if (Date.now() > giveUpAt) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  /** Done twice it changes nothing: an answer lost on the way back may have hidden a commit. */
  private append(start: number, text: string): Promise<void> {
    const { id, chatSessionKey } = this.run;
    return this.work.run(async (tx) => {
      await tx.db.query(
        'INSERT INTO setup_log_chunks (setup_run_id, start, text) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [id, start, text],
      );
      await tx.db.query('UPDATE setup_runs SET log_length = $2, log_truncated = $3 WHERE id = $1', [
        id,
        start + text.length,
        this.isFull,
      ]);
      tx.publish(setupChanged, String(chatSessionKey), { setupRunId: id });
    });
  }
}
