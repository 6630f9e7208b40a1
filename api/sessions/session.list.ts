import { Brackets, type DataSource, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor, encodeCursor, type Page, pageSize } from '../graphql/connection.ts';
import { ChatSession } from './session.entity.ts';
import { type ChatSessionFilter, ChatSessionOrder } from './session.inputs.ts';

interface Sort {
  column: string;
  /** The column as text that keeps every microsecond, so that no row falls between two pages. */
  cursor: string;
  /** The cursor's text (`:value`) as a value of the column again. */
  value: string;
  direction: 'ASC' | 'DESC';
  kind: 'integer' | 'text';
}

const byTime = (column: string): Sort => ({
  column: `session.${column}`,
  cursor: `(extract(epoch FROM session.${column}) * 1000000)::bigint::text`,
  value: `(timestamptz 'epoch' + :value::bigint * interval '1 microsecond')`,
  direction: 'DESC',
  kind: 'integer',
});

const SORTS: Record<ChatSessionOrder, Sort> = {
  [ChatSessionOrder.LAST_ACTIVITY]: byTime('last_activity_at'),
  [ChatSessionOrder.CREATED]: byTime('created_at'),
  [ChatSessionOrder.TITLE]: {
    column: 'session.title',
    cursor: 'concat(session.title)',
    value: ':value',
    direction: 'ASC',
    kind: 'text',
  },
};

export interface SessionListQuery {
  projectId: number;
  /** Only this person's sessions; null for all. */
  userId: string | null;
  filter?: ChatSessionFilter | null;
  orderBy: ChatSessionOrder;
  first: number;
  after?: string | null;
}

/** One page of a project's sessions, by keyset: as quick at the end of the list as at its beginning. */
export async function listSessions(dataSource: DataSource, query: SessionListQuery): Promise<Page<ChatSession>> {
  const sort = SORTS[query.orderBy];
  const first = pageSize(query.first);
  const page = selectSessions(dataSource, query)
    .addSelect(sort.cursor, 'cursor_value')
    .orderBy(sort.column, sort.direction)
    .addOrderBy('session.key', sort.direction)
    .limit(first + 1);
  if (query.after) {
    const { value, key } = decodeCursor(query.after, { value: sort.kind, key: 'integer' });
    page.andWhere(
      `(${sort.column}, session.key) ${sort.direction === 'DESC' ? '<' : '>'} (${sort.value}, :key::integer)`,
      { value, key },
    );
  }
  const { entities, raw } = await page.getRawAndEntities<{ cursor_value: string }>();
  const edges = entities.slice(0, first).map((node, index) => ({
    node,
    cursor: encodeCursor({ value: raw[index]?.cursor_value ?? '', key: String(node.key) }),
  }));
  return {
    edges,
    hasNextPage: entities.length > first,
    hasPreviousPage: Boolean(query.after),
    totalCount: () => selectSessions(dataSource, query).getCount(),
  };
}

function selectSessions(
  dataSource: DataSource,
  { projectId, userId, filter }: SessionListQuery,
): SelectQueryBuilder<ChatSession> {
  const sessions = dataSource.manager
    .createQueryBuilder(ChatSession, 'session')
    .where('session.project_id = :projectId', { projectId })
    .andWhere(filter?.inTrash ? 'session.deleted_at IS NOT NULL' : 'session.deleted_at IS NULL')
    .andWhere('session.purging_since IS NULL');
  if (userId !== null) sessions.andWhere('session.user_id = :userId', { userId });
  if (filter?.status) sessions.andWhere('session.status = :status', { status: filter.status });
  const search = filter?.search?.trim();
  if (search) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
    sessions.andWhere(
      new Brackets((any) =>
        any
          .where('session.title ILIKE :pattern', { pattern })
          .orWhere('session.description ILIKE :pattern')
          .orWhere('session.github_branch_name ILIKE :pattern'),
      ),
    );
  }
  return sessions;
}
