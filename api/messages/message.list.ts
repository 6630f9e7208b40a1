import type { DataSource } from 'typeorm';
import { BadPage, decodeCursor, encodeCursor, type Page, pageSize } from '../graphql/connection.ts';
import { Message } from './message.entity.ts';

export interface MessagePageArgs {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

const DEFAULT_PAGE = 50;

/** Neither queued nor taken back by a rewind. */
const IN_CONVERSATION = 'message.number IS NOT NULL AND message.rewind_id IS NULL';

/** One page of a conversation in the order it was said, from either end. Without arguments the last 50. */
export async function listMessages(
  dataSource: DataSource,
  sessionKey: number,
  args: MessagePageArgs,
): Promise<Page<Message>> {
  const forward = typeof args.first === 'number';
  if (forward && typeof args.last === 'number') throw new BadPage('Give first or last, not both.');
  const size = pageSize(args.first ?? args.last ?? DEFAULT_PAGE);
  const page = dataSource.manager
    .createQueryBuilder(Message, 'message')
    .where(`message.chat_session_id = :sessionKey AND ${IN_CONVERSATION}`, { sessionKey })
    .orderBy('message.number', forward ? 'ASC' : 'DESC')
    .limit(size + 1);
  if (args.after) page.andWhere('message.number > :after', { after: numberOf(args.after) });
  if (args.before) page.andWhere('message.number < :before', { before: numberOf(args.before) });
  const found = await page.getMany();
  const hasMore = found.length > size;
  const messages = found.slice(0, size);
  if (!forward) messages.reverse();
  return {
    edges: messages.map((node) => ({ node, cursor: encodeCursor({ number: String(node.number) }) })),
    hasNextPage: forward ? hasMore : Boolean(args.before),
    hasPreviousPage: forward ? Boolean(args.after) : hasMore,
    totalCount: () =>
      dataSource.manager
        .createQueryBuilder(Message, 'message')
        .where(`message.chat_session_id = :sessionKey AND ${IN_CONVERSATION}`, { sessionKey })
        .getCount(),
  };
}

function numberOf(cursor: string): number {
  return Number(decodeCursor(cursor, { number: 'integer' }).number);
}
