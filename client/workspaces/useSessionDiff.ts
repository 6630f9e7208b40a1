import { useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { DiffRangeInput } from '../gql/graphql.ts';
import { useBranchStatus } from './useBranchStatus.ts';

const SessionDiffQuery = graphql(`
  query SessionDiff($id: ID!, $range: DiffRangeInput) {
    chatSession(id: $id) {
      id
      baseBranch
      diff(range: $range) {
        __typename
        ... on Diff {
          files {
            path
            oldPath
            kind
            additions
            deletions
            isBinary
            isImage
            isUncounted
            before {
              mode
              bytes
            }
            after {
              mode
              bytes
            }
          }
          totalFiles
          additions
          deletions
          skippedPaths
          note
        }
        ... on UserError {
          message
        }
      }
    }
  }
`);

/** What differs: one turn, or with null from the base branch to the files as they are now, followed as they change. */
export function useSessionDiff(chatSessionId: string, range: DiffRangeInput | null) {
  const { data, previousData, error, refetch } = useQuery(SessionDiffQuery, {
    variables: { id: chatSessionId, range },
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const { headSha, checkedAt } = useBranchStatus(chatSessionId) ?? {};
  const seen = useRef<string>(undefined);
  useEffect(() => {
    const state = checkedAt && `${headSha} ${checkedAt}`;
    if (state && seen.current && seen.current !== state && !range) refetch().catch(() => undefined);
    if (state) seen.current = state;
  }, [headSha, checkedAt, range, refetch]);

  const session = data?.chatSession ?? previousData?.chatSession;
  const diff = session?.diff;
  return {
    baseBranch: session?.baseBranch,
    diff: diff?.__typename === 'Diff' ? diff : null,
    problem: problemIn(diff)?.message ?? null,
    error: diff ? undefined : error,
    refetch,
  };
}
