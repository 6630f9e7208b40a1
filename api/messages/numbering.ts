import type { Transaction } from '../database/unit-of-work.ts';
import type { Run } from '../runs/run.entity.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import { Message, MessagePartRow, MessageStatus } from './message.entity.ts';
import type { NewSessionEvent } from './session-event.type.ts';

/**
 * The next place in the conversation, taken under the row lock of the session. Event numbers are another thing: there
 * are many to a message, and unread counts messages.
 */
export async function nextNumber(tx: Transaction, sessionKey: number): Promise<number> {
  const [[row]] = (await tx.db.query(
    `UPDATE chat_sessions SET last_message_number = last_message_number + 1, message_count = message_count + 1,
       last_activity_at = now() WHERE id = $1 RETURNING last_message_number`,
    [sessionKey],
  )) as [[{ last_message_number: number }]];
  return row.last_message_number;
}

/** A queued message takes its place in the conversation when its run begins or is called off. */
export async function settlePrompt(tx: Transaction, session: ChatSession, run: Run): Promise<NewSessionEvent[]> {
  if (!run.promptMessageId) return [];
  const message = await tx.db.findOneBy(Message, { id: run.promptMessageId });
  if (!message || message.number !== null) return [];
  message.number = await nextNumber(tx, session.key);
  message.status = MessageStatus.COMPLETE;
  await tx.db.update(Message, { id: message.id }, { number: message.number, status: message.status });
  return [{ type: 'message.updated', message, parts: await tx.db.findBy(MessagePartRow, { messageId: message.id }) }];
}
