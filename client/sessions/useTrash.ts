import { useMutation } from '@apollo/client/react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { useToast } from '../ui/Toast.tsx';
import { SESSION_LISTS } from './useChangeSession.ts';

const DeleteSessionMutation = graphql(`
  mutation DeleteSession($id: ID!) {
    deleteChatSession(id: $id) {
      __typename
      ... on DeleteChatSessionSuccess {
        chatSessionId
      }
      ... on UserError {
        message
      }
    }
  }
`);

const RestoreSessionMutation = graphql(`
  mutation RestoreSession($id: ID!) {
    restoreChatSession(id: $id) {
      __typename
      ... on ChatSession {
        id
        status
        deletedAt
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** Puts sessions in the trash and takes them out again. */
export function useTrash() {
  const toast = useToast();
  const [deleteSession] = useMutation(DeleteSessionMutation, { refetchQueries: SESSION_LISTS });
  const [restoreSession] = useMutation(RestoreSessionMutation, { refetchQueries: SESSION_LISTS });

  const restore = async (id: string): Promise<boolean> => {
    try {
      const { data } = await restoreSession({ variables: { id } });
      const problem = problemIn(data?.restoreChatSession);
      if (problem) toast({ text: problem.message, isProblem: true });
      return !problem;
    } catch (error) {
      toast({ text: `The chat is still in the trash. ${explainError(error)}`, isProblem: true });
      return false;
    }
  };

  /** The row is gone at once; the toast offers to bring it back. */
  const remove = async (session: { id: string; title: string }, onUndone: () => void): Promise<boolean> => {
    const { id, title } = session;
    try {
      const { data } = await deleteSession({
        variables: { id },
        optimisticResponse: { deleteChatSession: { __typename: 'DeleteChatSessionSuccess', chatSessionId: id } },
        update(cache, { data: answer }) {
          if (answer?.deleteChatSession.__typename !== 'DeleteChatSessionSuccess') return;
          cache.modify({
            id: cache.identify({ __typename: 'ChatSession', id }),
            fields: { deletedAt: () => new Date().toISOString() },
          });
        },
      });
      const problem = problemIn(data?.deleteChatSession);
      if (problem) {
        toast({ text: problem.message, isProblem: true });
        return false;
      }
      const undo = async () => {
        if (await restore(id)) onUndone();
      };
      toast({ text: `“${title}” is in the trash.`, action: { label: 'Undo', onSelect: () => void undo() } });
      return true;
    } catch (error) {
      toast({ text: `The chat was not deleted. ${explainError(error)}`, isProblem: true });
      return false;
    }
  };

  return { remove, restore };
}
