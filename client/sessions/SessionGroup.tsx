import { useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { ChatSessionStatus } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { SessionItem } from './SessionItem.tsx';

const SessionGroupQuery = graphql(`
  query SessionGroup($projectId: ID!, $filter: ChatSessionFilter!, $after: String) {
    project(id: $projectId) {
      id
      sessions(first: 50, after: $after, filter: $filter, orderBy: LAST_ACTIVITY) {
        nodes {
          id
          status
          deletedAt
          lastActivityAt
          ...SessionItem_session
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  }
`);

interface SessionGroupProps {
  projectId: string;
  status: ChatSessionStatus;
  search: string;
  activeId: string | undefined;
  onCount(status: ChatSessionStatus, count: number): void;
}

/** The sessions of one status, those with the newest activity first. */
export function SessionGroup({ projectId, status, search, activeId, onCount }: SessionGroupProps) {
  const { data, previousData, error, loading, refetch, fetchMore } = useQuery(SessionGroupQuery, {
    variables: { projectId, filter: { status, search: search || null } },
    fetchPolicy: 'cache-and-network',
  });
  const shown = data ?? previousData;
  const page = shown?.project?.sessions;
  // Rows that were moved or deleted a moment ago leave at once; the list itself is asked for again behind them.
  const rows = page?.nodes
    .filter((session) => session.status === status && !session.deletedAt)
    .sort((one, other) => other.lastActivityAt.localeCompare(one.lastActivityAt));
  const count = page && rows ? (page.pageInfo.hasNextPage ? page.totalCount : rows.length) : undefined;

  const report = useRef(onCount);
  report.current = onCount;
  useEffect(() => {
    if (count !== undefined) report.current(status, count);
  }, [status, count]);

  if (!rows) {
    return error ? (
      <div className="px-2.5 py-1 text-control text-second">
        <p>{explainError(error)}</p>
        <Button className="mt-2" onClick={() => void refetch()}>
          Try again
        </Button>
      </div>
    ) : (
      <SessionSkeletons />
    );
  }
  if (rows.length === 0) {
    if (loading) return <SessionSkeletons />;
    return <p className="px-2.5 py-1 text-control text-third">{emptyText(status, search)}</p>;
  }
  return (
    <>
      <ul className="grid gap-px">
        {rows.map((session) => (
          <SessionItem key={session.id} session={session} projectId={projectId} isActive={session.id === activeId} />
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && (
        <Button
          look="quiet"
          className="mt-1 w-full"
          isBusy={loading}
          onClick={() => void fetchMore({ variables: { after: page.pageInfo.endCursor } })}
        >
          Show more
        </Button>
      )}
    </>
  );
}

function emptyText(status: ChatSessionStatus, search: string): string {
  if (search) return 'No match here.';
  return status === 'ACTIVE' ? 'No chats yet. Press C to begin one.' : 'Nothing here.';
}

function SessionSkeletons() {
  return (
    <div role="status" aria-label="Loading chats" className="grid gap-px">
      {['w-3/5', 'w-4/5', 'w-1/2'].map((width) => (
        <div key={width} className="grid gap-2 py-2 pr-2.5 pl-6">
          <Skeleton className={`h-3.5 ${width}`} />
          <Skeleton className="h-2.5 w-24" />
        </div>
      ))}
    </div>
  );
}
