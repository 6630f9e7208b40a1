import type { DataSource } from 'typeorm';
import { decodeCursor, encodeCursor, type Page, pageSize } from '../graphql/connection.ts';
import { Rewind } from './rewind.entity.ts';

/** One page of the rewinds of a session, the newest first. */
export async function listRewinds(
  { manager }: DataSource,
  sessionKey: number,
  { first, after }: { first: number; after?: string | null },
): Promise<Page<Rewind>> {
  const size = pageSize(first);
  const page = manager
    .createQueryBuilder(Rewind, 'rewind')
    .where('rewind.chat_session_id = :sessionKey', { sessionKey })
    .orderBy('rewind.id', 'DESC')
    .limit(size + 1);
  if (after) page.andWhere('rewind.id < :after', { after: decodeCursor(after, { id: 'integer' }).id });
  const found = await page.getMany();
  return {
    edges: found.slice(0, size).map((node) => ({ node, cursor: encodeCursor({ id: String(node.id) }) })),
    hasNextPage: found.length > size,
    hasPreviousPage: Boolean(after),
    totalCount: () => manager.countBy(Rewind, { chatSessionKey: sessionKey }),
  };
}
