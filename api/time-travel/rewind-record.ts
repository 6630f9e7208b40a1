import type { Transaction } from '../database/unit-of-work.ts';
import type { ResetResult, Snapshot } from '../git/git.ts';
import { type MessageNumberRange, type NewSessionEvent } from '../messages/session-event.type.ts';
import { appendEvents } from '../messages/session-log.ts';
import type { WorkspaceOperation } from '../operations/operation.entity.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { Rewind, RewindKind } from './rewind.entity.ts';

/** What becomes of the conversation. */
export type ConversationChange =
  | { kind: RewindKind.REWIND; throughNumber: number; promptText: string | null }
  | { kind: RewindKind.RESTORE; rewind: Rewind };

interface Done {
  operation: WorkspaceOperation;
  session: ChatSession;
  change: ConversationChange;
  saved: Snapshot;
  result: ResetResult;
}

/** Writes a rewind down, together with what it does to the conversation. */
export async function recordRewind(tx: Transaction, done: Done): Promise<Rewind> {
  const { operation, change, saved, result } = done;
  const session = await tx.db.findOneOrFail(ChatSession, {
    where: { key: done.session.key },
    lock: { mode: 'pessimistic_write' },
  });
  const [{ id }] = (await tx.db.query(
    `INSERT INTO rewinds (chat_session_id, operation_id, kind, restored_rewind_id, hidden_before, last_number, message_count,
       prompt_text, snapshot_sha, files, file_count, skipped_paths, kept_paths, created_by)
     SELECT $1, $2, $3, $4, coalesce(range_agg(int4range(number, number, '[]')), '{}'), $5, 0, $6, $7, $8, $9, $10, $11, $12
     FROM chat_messages WHERE chat_session_id = $1 AND rewind_id IS NOT NULL RETURNING id`,
    [
      session.key,
      operation.id,
      change.kind,
      change.kind === RewindKind.RESTORE ? change.rewind.id : null,
      session.lastMessageNumber,
      change.kind === RewindKind.REWIND ? change.promptText : null,
      saved.sha,
      JSON.stringify(result.undone.files),
      result.undone.count,
      JSON.stringify(saved.skippedPaths),
      JSON.stringify(result.keptPaths),
      operation.requestedBy,
    ],
  )) as [{ id: number }];
  const { removed, returned } = await changeConversation(tx, session.key, id, change);
  await tx.db.query('UPDATE rewinds SET message_count = $2 WHERE id = $1', [id, removed.length]);
  if (change.kind === RewindKind.RESTORE) {
    await tx.db.query('UPDATE rewinds SET restored_at = now() WHERE id = $1', [change.rewind.id]);
  }
  const messageCount = await saveSession(tx, session, result.headSha);
  const shared = { rewindId: id, removed: rangesOf(removed), messageCount };
  const event: NewSessionEvent =
    change.kind === RewindKind.REWIND
      ? { type: 'conversation.rewound', ...shared }
      : {
          type: 'conversation.restored',
          ...shared,
          restoredRewindId: change.rewind.id,
          returned: rangesOf(returned),
        };
  await appendEvents(tx, session.key, [event]);
  tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
  return tx.db.findOneByOrFail(Rewind, { id });
}

/** Which numbers left the conversation, and which came back. Messages keep their numbers, in and out. */
async function changeConversation(tx: Transaction, sessionKey: number, rewindId: number, change: ConversationChange) {
  // What was out of the conversation before the rewind that is undone stays out, and so does what was said since.
  const [hidden, values] =
    change.kind === RewindKind.REWIND
      ? [`int4multirange(int4range($3, NULL, '()'))`, [change.throughNumber]]
      : [
          `$3::int4multirange + int4multirange(int4range($4, NULL, '()'))`,
          [change.rewind.hiddenBefore, change.rewind.lastNumber],
        ];
  const removed = (await tx.db.query(
    `UPDATE chat_messages SET rewind_id = $2
     WHERE chat_session_id = $1 AND rewind_id IS NULL AND number <@ (${hidden}) RETURNING number`,
    [sessionKey, rewindId, ...values],
  )) as [{ number: number }[], number];
  const returned =
    change.kind === RewindKind.REWIND
      ? []
      : (
          (await tx.db.query(
            `UPDATE chat_messages SET rewind_id = NULL
           WHERE chat_session_id = $1 AND rewind_id IS DISTINCT FROM $2 AND rewind_id IS NOT NULL
             AND NOT number <@ (${hidden}) RETURNING number`,
            [sessionKey, rewindId, ...values],
          )) as [{ number: number }[], number]
        )[0];
  return { removed: removed[0].map(({ number }) => number), returned: returned.map(({ number }) => number) };
}

async function saveSession(tx: Transaction, session: ChatSession, headSha: string | null): Promise<number> {
  const [[row]] = (await tx.db.query(
    `UPDATE chat_sessions SET head_sha = $2, last_activity_at = now(), message_count =
       (SELECT count(*) FROM chat_messages WHERE chat_session_id = $1 AND number IS NOT NULL AND rewind_id IS NULL)
     WHERE id = $1 RETURNING message_count`,
    [session.key, headSha],
  )) as [[{ message_count: number }]];
  if (headSha) {
    await tx.db.query(
      `INSERT INTO branches (project_id, name, commit_sha) VALUES ($1, $2, $3)
       ON CONFLICT (project_id, name) DO UPDATE SET commit_sha = excluded.commit_sha`,
      [session.projectId, session.branch, headSha],
    );
  } else {
    await tx.db.query('DELETE FROM branches WHERE project_id = $1 AND name = $2', [session.projectId, session.branch]);
  }
  return row.message_count;
}

/** Numbers as ranges: a conversation of ten thousand messages is taken back in one. */
export function rangesOf(numbers: number[]): MessageNumberRange[] {
  const ranges: MessageNumberRange[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === number - 1) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges;
}
