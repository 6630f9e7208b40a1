import type { DataSource } from 'typeorm';
import type { AskedState } from '../git/reads.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import { filesAfter } from '../time-travel/message-heads.ts';

interface Place {
  number: number;
  /** A rewind took it out of the conversation; its commits are kept. */
  isRewound: boolean;
}

/** The states of the files that the messages of a conversation stand for. */
export class ConversationStates {
  constructor(private readonly dataSource: DataSource) {}

  /** The files as they were right after this message; null when it is none of the conversation. */
  async after(session: ChatSession, messageId: string): Promise<AskedState | null> {
    const place = await this.placeOf(session, messageId);
    return place && !place.isRewound ? this.afterNumber(session, place.number) : null;
  }

  /** What a turn changed: from before its first commit to its last. A turn without one begins and ends the same. */
  async turn(session: ChatSession, messageId: string): Promise<{ from: AskedState; to: AskedState } | null> {
    const place = await this.placeOf(session, messageId);
    if (!place) return null;
    const commits = await this.commits(
      session,
      'message.id = $2 OR message.id IN (SELECT reply_message_id FROM runs WHERE prompt_message_id = $2)',
      Number(messageId),
    );
    const [first, last] = [commits.at(0), commits.at(-1)];
    if (first && last) return { from: { kind: 'before', sha: first }, to: known(last) };
    const state = await this.afterNumber(session, place.number);
    return { from: state, to: state };
  }

  private async afterNumber(session: ChatSession, number: number): Promise<AskedState> {
    const files = await filesAfter(this.dataSource.manager, session.key, number);
    if (files === 'branch') return { kind: 'base' };
    if (files !== 'unknown') return files.sha ? known(files.sha) : { kind: 'empty' };
    // Conversations from before the state was written down with each message: what came next was made from it.
    const [next] = await this.commits(session, 'message.number > $2', number);
    return next ? { kind: 'before', sha: next } : { kind: 'base' };
  }

  private async placeOf({ key }: ChatSession, messageId: string): Promise<Place | null> {
    if (!/^\d{1,9}$/.test(messageId)) return null;
    const [place] = (await this.dataSource.query(
      `SELECT number, rewind_id IS NOT NULL AS "isRewound" FROM chat_messages
       WHERE id = $1 AND chat_session_id = $2 AND number IS NOT NULL`,
      [Number(messageId), key],
    )) as Place[];
    return place ?? null;
  }

  /** The commits of some messages, in the order they were made. */
  private async commits({ key }: ChatSession, where: string, value: number): Promise<string[]> {
    const found = (await this.dataSource.query(
      `SELECT part.data->>'sha' AS sha FROM message_parts part
       JOIN chat_messages message ON message.id = part.message_id
       WHERE part.kind = 'commit' AND message.chat_session_id = $1 AND (${where})
       ORDER BY message.number, part.position`,
      [key, value],
    )) as { sha: string }[];
    return found.map(({ sha }) => sha);
  }
}

/** What the session itself wrote down needs no proof that it is the session's. */
const known = (sha: string): AskedState => ({ kind: 'commit', sha, isKnown: true });
