import type { DataSource } from 'typeorm';
import type { AskedState } from '../git/reads.ts';
import type { ChatSession } from '../sessions/session.entity.ts';

/** The states of the files that the messages of a conversation stand for. */
export class ConversationStates {
  constructor(private readonly dataSource: DataSource) {}

  /** The files as they were when this message was complete; null when it is no message of the session. */
  async after(session: ChatSession, messageId: string): Promise<AskedState | null> {
    const number = await this.numberOf(session, messageId);
    if (number === null) return null;
    const last = await this.commit(session, 'message.number <= $2', 'DESC', number);
    if (last) return known(last);
    const next = await this.commit(session, 'message.number > $2', 'ASC', number);
    return next ? { kind: 'before', sha: next } : { kind: 'base' };
  }

  /** What a turn changed: from before its first commit to its last. A turn without one begins and ends the same. */
  async turn(session: ChatSession, messageId: string): Promise<{ from: AskedState; to: AskedState } | null> {
    const after = await this.after(session, messageId);
    if (!after) return null;
    const commits = (await this.dataSource.query(
      `SELECT part.data->>'sha' AS sha FROM message_parts part
       JOIN chat_messages message ON message.id = part.message_id
       WHERE part.kind = 'commit' AND message.chat_session_id = $1
         AND (message.id = $2 OR message.id IN (SELECT reply_message_id FROM runs WHERE prompt_message_id = $2))
       ORDER BY message.number, part.position`,
      [session.key, Number(messageId)],
    )) as { sha: string }[];
    const [first, last] = [commits.at(0), commits.at(-1)];
    return first && last
      ? { from: { kind: 'before', sha: first.sha }, to: known(last.sha) }
      : { from: after, to: after };
  }

  private async numberOf({ key }: ChatSession, messageId: string): Promise<number | null> {
    if (!/^\d{1,9}$/.test(messageId)) return null;
    const [message] = (await this.dataSource.query(
      'SELECT number FROM chat_messages WHERE id = $1 AND chat_session_id = $2 AND number IS NOT NULL',
      [Number(messageId), key],
    )) as { number: number }[];
    return message?.number ?? null;
  }

  private async commit(
    { key }: ChatSession,
    where: string,
    order: 'ASC' | 'DESC',
    number: number,
  ): Promise<string | null> {
    const [found] = (await this.dataSource.query(
      `SELECT part.data->>'sha' AS sha FROM message_parts part
       JOIN chat_messages message ON message.id = part.message_id
       WHERE part.kind = 'commit' AND message.chat_session_id = $1 AND ${where}
       ORDER BY message.number ${order}, part.position ${order} LIMIT 1`,
      [key, number],
    )) as { sha: string }[];
    return found?.sha ?? null;
  }
}

/** What the session itself wrote down needs no proof that it is the session's. */
const known = (sha: string): AskedState => ({ kind: 'commit', sha, isKnown: true });
