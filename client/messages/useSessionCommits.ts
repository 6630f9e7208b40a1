import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import { graphql } from '../gql/gql.ts';
import type { SessionCommitsQuery } from '../gql/graphql.ts';
import type { ChangedFile } from './FileChanges.tsx';

const SessionCommitsDocument = graphql(`
  query SessionCommits($id: ID!) {
    chatSession(id: $id) {
      id
      baseBranch
      messages(last: 50) {
        nodes {
          id
          parts {
            __typename
            ... on CommitPart {
              sha
              title
              additions
              deletions
              files {
                path
                oldPath
                kind
                additions
                deletions
                isBinary
              }
            }
          }
        }
        pageInfo {
          hasPreviousPage
        }
      }
    }
  }
`);

type Session = NonNullable<SessionCommitsQuery['chatSession']>;
export type SessionCommit = Extract<
  Session['messages']['nodes'][number]['parts'][number],
  { __typename: 'CommitPart' }
>;

/** The commits in the part of a conversation that is loaded, the newest first, and what they did to each file together. */
export function useSessionCommits(chatSessionId: string) {
  const { data } = useQuery(SessionCommitsDocument, { variables: { id: chatSessionId }, fetchPolicy: 'cache-only' });
  const session = data?.chatSession;
  return useMemo(() => {
    const commits = (session?.messages.nodes ?? [])
      .flatMap(({ parts }) => parts)
      .filter((part): part is SessionCommit => part.__typename === 'CommitPart');
    return {
      baseBranch: session?.baseBranch ?? '',
      commits: commits.toReversed(),
      files: together(commits),
      additions: commits.reduce((sum, { additions }) => sum + additions, 0),
      deletions: commits.reduce((sum, { deletions }) => sum + deletions, 0),
      isPartial: session?.messages.pageInfo.hasPreviousPage === true,
    };
  }, [session]);
}

function together(commits: SessionCommit[]): ChangedFile[] {
  const byPath = new Map<string, ChangedFile>();
  for (const file of commits.flatMap(({ files }) => files)) {
    const before = byPath.get(file.oldPath ?? file.path);
    byPath.delete(file.oldPath ?? file.path);
    if (before?.kind === 'ADDED' && file.kind === 'DELETED') continue;
    byPath.set(file.path, {
      ...file,
      kind: before?.kind === 'ADDED' ? 'ADDED' : file.kind,
      additions: file.additions + (before?.additions ?? 0),
      deletions: file.deletions + (before?.deletions ?? 0),
    });
  }
  return [...byPath.values()].sort((one, other) => one.path.localeCompare(other.path));
}
