import type { EntityManager } from 'typeorm';
import { MessageRole } from '../messages/message.entity.ts';

/** Stands for a branch without a commit, where null stands for what nobody wrote down. */
const NO_COMMIT = '0'.repeat(40);

/** A commit (null: none at all), the branch as it is because nothing was ever committed, or nobody knows. */
export type FilesThen = { sha: string | null } | 'branch' | 'unknown';

/** Writes down what the branch is on right after a message; a prompt keeps what it was on before its first answer. */
export async function rememberHead(
  db: Pick<EntityManager, 'query'>,
  messageId: number | null,
  headSha: string | null,
): Promise<void> {
  if (messageId === null) return;
  await db.query(
    `UPDATE chat_messages SET head_sha = $2 WHERE id = $1 AND (head_sha IS NULL OR role <> '${MessageRole.USER}')`,
    [messageId, headSha ?? NO_COMMIT],
  );
}

/** The files as they were right after the message with this number; 0 is before the first one. */
export async function filesAfter(db: EntityManager, sessionKey: number, number: number): Promise<FilesThen> {
  const [last] = (await db.query(
    `SELECT coalesce(commit_sha, head_sha) AS sha FROM chat_messages
     WHERE chat_session_id = $1 AND number <= $2 AND rewind_id IS NULL AND coalesce(commit_sha, head_sha) IS NOT NULL
     ORDER BY number DESC LIMIT 1`,
    [sessionKey, number],
  )) as { sha: string }[];
  if (last) return commit(last.sha);
  // Nothing was committed until then: as before the next answer that began.
  const [next] = (await db.query(
    `SELECT head_sha AS sha, role FROM chat_messages
     WHERE chat_session_id = $1 AND number > $2 AND coalesce(commit_sha, head_sha) IS NOT NULL
     ORDER BY number LIMIT 1`,
    [sessionKey, number],
  )) as { sha: string | null; role: MessageRole }[];
  if (!next) return 'branch';
  return next.sha && next.role === MessageRole.USER ? commit(next.sha) : 'unknown';
}

/** The files as they were right before this message. */
export async function filesBefore(
  db: EntityManager,
  sessionKey: number,
  message: { number: number; headSha: string | null },
): Promise<FilesThen> {
  return message.headSha ? commit(message.headSha) : filesAfter(db, sessionKey, message.number - 1);
}

function commit(sha: string): FilesThen {
  return { sha: sha === NO_COMMIT ? null : sha };
}
