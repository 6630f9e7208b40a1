import type { DataSource } from 'typeorm';
import { In, IsNull, Not } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { Message } from '../messages/message.entity.ts';
import { settlePrompt } from '../messages/numbering.ts';
import { appendEvents } from '../messages/session-log.ts';
import { jobsOf } from '../runner/jobs.ts';
import { ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { maySeeSession } from '../sessions/session.policy.ts';
import { Run, RunStatus, UNFINISHED } from './run.entity.ts';
import { runStopRequested } from './run.events.ts';

const notFound = () => new NotFound('This run does not exist, or is not yours.');

/** Queueing, stopping and repeating runs. Carrying them out is the runner's. */
export class RunService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
  ) {}

  /** Queues the answer to a message, in the transaction that stores the message. One run a session at a time. */
  async enqueue(tx: Transaction, session: ChatSession, promptMessageId: number | null, prompt: string): Promise<Run> {
    if (!session.runnerId) throw new Error(`Session ${session.key} has no runner.`);
    const { identifiers } = await tx.db.insert(Run, {
      chatSessionKey: session.key,
      promptMessageId,
      status: RunStatus.QUEUED,
      agentId: session.agentId,
      prompt,
    });
    const run = await tx.db.findOneByOrFail(Run, { id: Number(identifiers[0]?.id) });
    await tx.addJob(jobsOf(session.runnerId).run, { runId: run.id }, { queueName: `session:${session.key}` });
    return run;
  }

  async find(viewer: Viewer, id: string): Promise<Run | null> {
    return (await this.withSession(viewer, id))?.run ?? null;
  }

  /** Ends a run. What was said and written is kept; a run that had not begun never does. */
  stop(viewer: Viewer, id: string): Promise<Run | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const found = await this.withSession(viewer, id, tx);
      if (!found) return notFound();
      if (!UNFINISHED.includes(found.run.status)) return new Conflict('RUN_ENDED', 'This run has already ended.');
      return this.stopOne(tx, found.session, found.run);
    });
  }

  async stopAll(tx: Transaction, session: ChatSession): Promise<void> {
    const runs = await tx.db.findBy(Run, { chatSessionKey: session.key, status: In(UNFINISHED) });
    for (const run of runs) await this.stopOne(tx, session, run);
  }

  /** Sends the message of a failed, stopped or interrupted run to the agent once more, as a new run. */
  retry(viewer: Viewer, id: string): Promise<Run | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const found = await this.withSession(viewer, id, tx);
      if (!found) return notFound();
      const { session, run } = found;
      if (!run.canRetry)
        return new Conflict('RUN_NOT_RETRYABLE', 'Only a failed, stopped or interrupted run can be sent again.');
      if (session.deletedAt || session.status !== ChatSessionStatus.ACTIVE) {
        return new Conflict('SESSION_NOT_ACTIVE', 'This chat is not active. Bring it back first.');
      }
      if (await isRewound(tx, run)) {
        return new Conflict(
          'MESSAGE_REWOUND',
          'The conversation was taken back to before this message. Send it again.',
        );
      }
      const again = await this.enqueue(tx, session, run.promptMessageId, run.prompt);
      if (run.promptMessageId)
        await tx.db.query('UPDATE chat_messages SET run_id = $2 WHERE id = $1', [run.promptMessageId, again.id]);
      await appendEvents(tx, session.key, [{ type: 'run.updated', run: again }]);
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
      return again;
    });
  }

  private async stopOne(tx: Transaction, session: ChatSession, run: Run): Promise<Run> {
    if (run.status === RunStatus.QUEUED) {
      const ended = await tx.db.query(
        "UPDATE runs SET status = 'cancelled', finished_at = now(), stop_requested_at = now() WHERE id = $1 AND status = 'queued' RETURNING 1",
        [run.id],
      );
      if (ended[1] === 1) {
        const stopped = await tx.db.findOneByOrFail(Run, { id: run.id });
        const settled = await settlePrompt(tx, session, stopped);
        await appendEvents(tx, session.key, [...settled, { type: 'run.updated', run: stopped }]);
        tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
        return stopped;
      }
    }
    await tx.db.query('UPDATE runs SET stop_requested_at = coalesce(stop_requested_at, now()) WHERE id = $1', [run.id]);
    const current = await tx.db.findOneByOrFail(Run, { id: run.id });
    if (current.runnerId) tx.publish(runStopRequested, current.runnerId, { runId: run.id });
    return current;
  }

  /** Locks the session, so that the run cannot change its state meanwhile. */
  private async withSession(
    viewer: Viewer,
    id: string,
    tx?: Transaction,
  ): Promise<{ run: Run; session: ChatSession } | null> {
    if (!/^\d{1,9}$/.test(id)) return null;
    const db = tx?.db ?? this.dataSource.manager;
    const known = await db.findOneBy(Run, { id: Number(id) });
    if (!known) return null;
    const session = await db.findOne(ChatSession, {
      where: { key: known.chatSessionKey },
      ...(tx ? { lock: { mode: 'pessimistic_write' as const } } : {}),
    });
    if (!session || !maySeeSession(viewer, session)) return null;
    return { session, run: tx ? await db.findOneByOrFail(Run, { id: known.id }) : known };
  }
}

async function isRewound(tx: Transaction, { promptMessageId }: Run): Promise<boolean> {
  if (promptMessageId === null) return false;
  return tx.db.existsBy(Message, { id: promptMessageId, rewindId: Not(IsNull()) });
}
