import { In } from 'typeorm';
import type { Transaction } from '../database/unit-of-work.ts';
import { Message, MessageRole, MessageStatus } from '../messages/message.entity.ts';
import { nextNumber, settlePrompt } from '../messages/numbering.ts';
import type { NewSessionEvent } from '../messages/session-event.type.ts';
import { appendEvents } from '../messages/session-log.ts';
import { ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { Run, RunStatus } from './run.entity.ts';

export interface StartedRun {
  run: Run;
  session: ChatSession;
  reply: Message;
}

export type RunEnd =
  | { status: RunStatus.SUCCEEDED | RunStatus.CANCELLED }
  | { status: RunStatus.FAILED | RunStatus.INTERRUPTED; errorCode: string; errorMessage: string };

/**
 * From queued to running: the prompt takes its place in the conversation, the answer begins behind it. Null when the run
 * was taken back, or its session put away, before its turn came.
 */
export async function beginRun(tx: Transaction, runId: number, runnerId: string): Promise<StartedRun | null> {
  const known = await tx.db.findOneBy(Run, { id: runId });
  if (!known) return null;
  const session = await lock(tx, known.chatSessionKey);
  const run = await tx.db.findOneBy(Run, { id: runId });
  if (!session || run?.status !== RunStatus.QUEUED) return null;
  if (session.deletedAt || session.status !== ChatSessionStatus.ACTIVE) return null;

  const settled = await settlePrompt(tx, session, run);
  const { identifiers } = await tx.db.insert(Message, {
    chatSessionKey: session.key,
    projectId: session.projectId,
    role: MessageRole.ASSISTANT,
    status: MessageStatus.STREAMING,
    number: await nextNumber(tx, session.key),
    content: '',
    runId,
  });
  const reply = await tx.db.findOneByOrFail(Message, { id: Number(identifiers[0]?.id) });
  await tx.db.query(
    "UPDATE runs SET status = 'running', runner_id = $2, started_at = now(), reply_message_id = $3 WHERE id = $1",
    [runId, runnerId, reply.id],
  );
  const started = await tx.db.findOneByOrFail(Run, { id: runId });
  await appendEvents(tx, session.key, [
    ...settled,
    { type: 'message.added', message: reply, parts: [] },
    { type: 'run.updated', run: started },
  ]);
  tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
  return { run: started, session: await tx.db.findOneByOrFail(ChatSession, { key: session.key }), reply };
}

/** To one of the ends. Nothing happens when it has ended already. */
export async function endRun(
  tx: Transaction,
  runId: number,
  end: RunEnd,
  lastEvents: NewSessionEvent[] = [],
): Promise<boolean> {
  const known = await tx.db.findOneBy(Run, { id: runId });
  if (!known) return false;
  const session = await lock(tx, known.chatSessionKey);
  if (!session) return false;
  const [, count] = await tx.db.query(
    `UPDATE runs SET status = $2, error_code = $3, error_message = $4, finished_at = now()
     WHERE id = $1 AND status IN ('running', 'waiting_for_permission')`,
    [runId, end.status, 'errorCode' in end ? end.errorCode : null, 'errorMessage' in end ? end.errorMessage : null],
  );
  if (count === 0) return false;
  const run = await tx.db.findOneByOrFail(Run, { id: runId });
  const events = [...lastEvents];
  if (run.replyMessageId) {
    await appendEvents(tx, session.key, events.splice(0));
    await tx.db.query(
      `UPDATE chat_messages SET status = 'complete', content = coalesce(
         (SELECT string_agg(text, E'\\n\\n' ORDER BY position) FROM message_parts WHERE message_id = $1 AND kind = 'text'), ''),
         commit_sha = (SELECT data->>'sha' FROM message_parts WHERE message_id = $1 AND kind = 'commit' ORDER BY position DESC LIMIT 1)
       WHERE id = $1`,
      [run.replyMessageId],
    );
    events.push({
      type: 'message.updated',
      message: await tx.db.findOneByOrFail(Message, { id: run.replyMessageId }),
      parts: [],
    });
  }
  await appendEvents(tx, session.key, [...events, { type: 'run.updated', run }]);
  await tx.db.query('UPDATE chat_sessions SET last_activity_at = now() WHERE id = $1', [session.key]);
  tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
  return true;
}

/**
 * The server stopped in the middle of it. What was stored stays; tools that were at work are marked as cut off, and a
 * notice says what happened.
 */
export async function interruptRun(tx: Transaction, run: Run): Promise<boolean> {
  const text = 'The server stopped in the middle of this answer. What was said and written until then is kept.';
  const events: NewSessionEvent[] = [];
  if (run.replyMessageId) {
    const parts = (await tx.db.query(
      'SELECT position, kind, data FROM message_parts WHERE message_id = $1 ORDER BY position',
      [run.replyMessageId],
    )) as { position: number; kind: 'tool'; data: { status?: string } }[];
    for (const { position, kind, data } of parts) {
      if (kind !== 'tool' || !['running', 'pending'].includes(data.status ?? '')) continue;
      const part = { position, kind, text: '', data: { ...data, status: 'failed' } };
      events.push({ type: 'part.updated', messageId: run.replyMessageId, part });
    }
    const position = parts.length;
    const data = { level: 'warning', code: 'interrupted', text };
    events.push({
      type: 'part.added',
      messageId: run.replyMessageId,
      part: { position, kind: 'notice', text: '', data },
    });
  }
  return endRun(tx, run.id, { status: RunStatus.INTERRUPTED, errorCode: 'interrupted', errorMessage: text }, events);
}

/** Runs that a runner had under way. */
export function runsUnderWay(tx: Transaction, runnerId: string): Promise<Run[]> {
  return tx.db.findBy(Run, { runnerId, status: In([RunStatus.RUNNING, RunStatus.WAITING_FOR_PERMISSION]) });
}

function lock(tx: Transaction, key: number): Promise<ChatSession | null> {
  return tx.db.findOne(ChatSession, { where: { key }, lock: { mode: 'pessimistic_write' } });
}
