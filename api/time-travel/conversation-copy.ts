import type { EntityManager } from 'typeorm';
import type { ChatSession } from '../sessions/session.entity.ts';

/** The messages of a session in order, with the place each has once those that were taken back are left out. */
const COPIED = `
  SELECT id, row_number() OVER (ORDER BY number) AS place FROM chat_messages
  WHERE chat_session_id = $1 AND number <= $2 AND rewind_id IS NULL AND status = 'complete'`;

/**
 * Copies what was said into a new session: messages and their parts, numbered from 1, without runs. Its event log begins
 * with them, so whoever follows it from its beginning has the same conversation as whoever reads the messages.
 */
export async function copyConversation(
  db: EntityManager,
  from: ChatSession,
  throughNumber: number,
  to: ChatSession,
): Promise<number> {
  const source = [from.key, throughNumber];
  await db.query(
    `INSERT INTO chat_messages
       (chat_session_id, project_id, user_id, role, status, number, content, timestamp, commit_sha, head_sha)
     SELECT $3, project_id, user_id, role, status, copied.place, content, timestamp, commit_sha, head_sha
     FROM (${COPIED}) AS copied JOIN chat_messages USING (id)`,
    [...source, to.key],
  );
  await db.query(
    `INSERT INTO message_parts (message_id, position, kind, text, data)
     SELECT message.id, position, kind, text,
       CASE kind WHEN 'commit' THEN jsonb_set(data, '{branch}', to_jsonb($4::text)) ELSE data END
     FROM (${COPIED}) AS copied
     JOIN chat_messages AS message ON message.chat_session_id = $3 AND message.number = copied.place
     JOIN message_parts ON message_parts.message_id = copied.id`,
    [...source, to.key, to.branch],
  );
  await db.query(
    `WITH copied AS (${COPIED})
     UPDATE chat_messages AS message SET undoes_message_id = undone.id
     FROM copied
     JOIN chat_messages AS original ON original.id = copied.id
     JOIN copied AS target ON target.id = original.undoes_message_id
     JOIN chat_messages AS undone ON undone.chat_session_id = $3 AND undone.number = target.place
     WHERE message.chat_session_id = $3 AND message.number = copied.place`,
    [...source, to.key],
  );
  await db.query(
    `INSERT INTO session_events (session_id, seq, type, payload)
     SELECT $1, number, 'message.added', jsonb_build_object(
       'type', 'message.added',
       'message', jsonb_build_object(
         'id', id, 'chatSessionKey', chat_session_id, 'projectId', project_id, 'userId', user_id, 'number', number,
         'role', role, 'status', status, 'content', content, 'createdAt', timestamp, 'commitSha', commit_sha,
         'runId', NULL, 'clientMutationId', NULL, 'headSha', head_sha, 'rewindId', NULL, 'operationId', NULL,
         'undoesMessageId', undoes_message_id),
       'parts', coalesce((
         SELECT jsonb_agg(jsonb_build_object('position', position, 'kind', kind, 'text', text, 'data', data) ORDER BY position)
         FROM message_parts WHERE message_id = chat_messages.id), '[]'))
     FROM chat_messages WHERE chat_session_id = $1`,
    [to.key],
  );
  const [[row]] = (await db.query(
    `UPDATE chat_sessions SET (message_count, last_message_number, last_seq) =
       (SELECT count(*), count(*), count(*) FROM chat_messages WHERE chat_session_id = $1)
     WHERE id = $1 RETURNING message_count`,
    [to.key],
  )) as [[{ message_count: number }]];
  return row.message_count;
}
