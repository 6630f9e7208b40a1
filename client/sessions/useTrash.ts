import { useMutation } from '@apollo/client/react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { useToast } from '../ui/Toast.tsx';
import { SESSION_LISTS } from './useChangeSession.ts';

const DeleteSessionMutation = graphql(`
  mutation DeleteSession($id: ID!, $deleteBranch: Boolean!) {
    deleteChatSession(id: $id, deleteBranch: $deleteBranch) {
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

const PurgeSessionMutation = graphql(`
  mutation PurgeSession($id: ID!) {
    purgeChatSession(id: $id) {
      __typename
      ... on PurgeChatSessionSuccess {
        chatSessionId
      }
      ... on UserError {
        message
      }
    }
  }
`);

const EmptyTrashMutation = graphql(`
  mutation EmptyTrash($projectId: ID!) {
    emptyTrash(projectId: $projectId) {
      __typename
      ... on EmptyTrashSuccess {
        projectId
        chatSessionCount
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

  const [purgeSession] = useMutation(PurgeSessionMutation, { refetchQueries: SESSION_LISTS });
  const [emptyTrash] = useMutation(EmptyTrashMutation, { refetchQueries: SESSION_LISTS });

  /** True when it was done; otherwise the person has been told why not. */
  const forGood = async (request: () => Promise<{ __typename: string } | undefined>): Promise<boolean> => {
    try {
      const problem = problemIn(await request());
      if (problem) toast({ text: problem.message, isProblem: true });
      return !problem;
    } catch (error) {
      toast({ text: `Nothing was deleted. ${explainError(error)}`, isProblem: true });
      return false;
    }
  };

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
  const remove = async (
    session: { id: string; title: string },
    deleteBranch: boolean,
    onUndone: () => void,
  ): Promise<boolean> => {
    const { id, title } = session;
    try {
      const { data } = await deleteSession({
        variables: { id, deleteBranch },
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

  return {
    remove,
    restore,
    purge: (id: string) => forGood(async () => (await purgeSession({ variables: { id } })).data?.purgeChatSession),
    empty: (projectId: string) =>
      forGood(async () => (await emptyTrash({ variables: { projectId } })).data?.emptyTrash),
  };
}
