import type { EntityManager } from 'typeorm';
import type { Transaction } from '../database/unit-of-work.ts';
import { sessionAppended } from '../sessions/session.events.ts';
import type { NewSessionEvent, StoredEvent, StoredPart } from './session-event.type.ts';

/**
 * Adds events to the log of a session and folds parts and text into the stored messages, all in the caller's
 * transaction. The numbers are taken under the row lock of the session, so they have no gaps and are visible in order.
 * Returns the number of the last event.
 */
export async function appendEvents(tx: Transaction, sessionKey: number, events: NewSessionEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const [[row]] = (await tx.db.query(
    'UPDATE chat_sessions SET last_seq = last_seq + $2 WHERE id = $1 RETURNING last_seq',
    [sessionKey, events.length],
  )) as [[{ last_seq: string } | undefined]];
  if (!row) throw new Error(`Session ${sessionKey} is gone.`);
  const last = Number(row.last_seq);
  const payloads = events.map((event) => JSON.stringify(event));
  await tx.db.query(
    `INSERT INTO session_events (session_id, seq, type, payload)
     SELECT $1, $2 + ordinality, type, payload::jsonb
     FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS new (type, payload, ordinality)`,
    [sessionKey, last - events.length, events.map(({ type }) => type), payloads],
  );
  for (const event of events) await fold(tx.db, event);
  tx.publish(sessionAppended, String(sessionKey), { seq: last });
  return last;
}

async function fold(db: EntityManager, event: NewSessionEvent): Promise<void> {
  switch (event.type) {
    case 'message.added':
      for (const part of event.parts) await insertPart(db, event.message.id, part);
      return;
    case 'part.added':
      return insertPart(db, event.messageId, event.part);
    case 'part.updated':
      await db.query('UPDATE message_parts SET data = $3 WHERE message_id = $1 AND position = $2', [
        event.messageId,
        event.part.position,
        JSON.stringify(event.part.data),
      ]);
      return;
    case 'text.appended':
      await db.query('UPDATE message_parts SET text = text || $3 WHERE message_id = $1 AND position = $2', [
        event.messageId,
        event.position,
        event.text,
      ]);
      return;
    // Their rows are written by whoever made the event.
    case 'message.updated':
    case 'message.removed':
    case 'run.updated':
    case 'conversation.rewound':
    case 'conversation.restored':
      return;
  }
}

async function insertPart(db: EntityManager, messageId: number, part: StoredPart): Promise<void> {
  await db.query('INSERT INTO message_parts (message_id, position, kind, text, data) VALUES ($1, $2, $3, $4, $5)', [
    messageId,
    part.position,
    part.kind,
    part.text,
    JSON.stringify(part.data),
  ]);
}

/** Events after `seq`, in order, at most `limit`. */
export async function readEvents(
  db: EntityManager,
  sessionKey: number,
  seq: number,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = (await db.query(
    'SELECT seq, payload, created_at FROM session_events WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
    [sessionKey, seq, limit],
  )) as { seq: string; payload: NewSessionEvent; created_at: Date }[];
  return rows.map((row) => ({ seq: Number(row.seq), createdAt: row.created_at, event: row.payload }));
}

/** Whether these events were stored before, somewhere after `seq`: told by the first of them. */
export async function isStored(
  tx: Transaction,
  sessionKey: number,
  seq: number,
  events: NewSessionEvent[],
): Promise<boolean> {
  const rows = (await tx.db.query(
    'SELECT 1 FROM session_events WHERE session_id = $1 AND seq > $2 AND payload = $3::jsonb LIMIT 1',
    [sessionKey, seq, JSON.stringify(events[0])],
  )) as unknown[];
  return rows.length > 0;
}
