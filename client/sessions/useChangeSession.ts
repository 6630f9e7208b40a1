import { useMutation } from '@apollo/client/react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { ChatSessionStatus } from '../gql/graphql.ts';
import { useToast } from '../ui/Toast.tsx';

const RenameSessionMutation = graphql(`
  mutation RenameSession($id: ID!, $title: String!) {
    changed: updateChatSession(input: { id: $id, title: $title }) {
      __typename
      ... on ChatSession {
        id
        title
      }
      ... on UserError {
        message
      }
    }
  }
`);

const ArchiveSessionMutation = graphql(`
  mutation ArchiveSession($id: ID!) {
    changed: archiveChatSession(id: $id) {
      __typename
      ... on ChatSession {
        id
        status
      }
      ... on UserError {
        message
      }
    }
  }
`);

const CompleteSessionMutation = graphql(`
  mutation CompleteSession($id: ID!) {
    changed: completeChatSession(id: $id) {
      __typename
      ... on ChatSession {
        id
        status
      }
      ... on UserError {
        message
      }
    }
  }
`);

const ReopenSessionMutation = graphql(`
  mutation ReopenSession($id: ID!) {
    changed: unarchiveChatSession(id: $id) {
      __typename
      ... on ChatSession {
        id
        status
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** Lists that gain or lose a row when a session changes. */
export const SESSION_LISTS = ['SessionGroup', 'SessionCounts', 'SessionTrash'];

interface Answer {
  data?: { changed: { __typename: string } } | null;
}

/** Changes to one session, shown before the server has agreed and taken back when it does not. */
export function useChangeSession(id: string) {
  const toast = useToast();
  const [renameSession] = useMutation(RenameSessionMutation);
  const moved = { refetchQueries: SESSION_LISTS };
  const [archiveSession] = useMutation(ArchiveSessionMutation, moved);
  const [completeSession] = useMutation(CompleteSessionMutation, moved);
  const [reopenSession] = useMutation(ReopenSessionMutation, moved);

  const orSay = async (answer: Promise<Answer>) => {
    try {
      const { data } = await answer;
      const problem = problemIn(data?.changed);
      if (problem) toast({ text: problem.message, isProblem: true });
    } catch (error) {
      toast({ text: `Nothing was changed. ${explainError(error)}`, isProblem: true });
    }
  };
  const move = (status: ChatSessionStatus) => ({
    variables: { id },
    optimisticResponse: { changed: { __typename: 'ChatSession' as const, id, status } },
  });

  return {
    rename: (title: string) =>
      orSay(
        renameSession({
          variables: { id, title },
          optimisticResponse: { changed: { __typename: 'ChatSession', id, title } },
        }),
      ),
    archive: () => orSay(archiveSession(move('ARCHIVED'))),
    complete: () => orSay(completeSession(move('COMPLETED'))),
    reopen: () => orSay(reopenSession(move('ACTIVE'))),
  };
}
