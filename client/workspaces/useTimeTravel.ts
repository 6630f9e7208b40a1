import { useApolloClient, useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import { graphql } from '../gql/gql.ts';
import type { RewindSessionInput } from '../gql/graphql.ts';
import { useToast } from '../ui/Toast.tsx';
import { useOperation } from './useOperation.ts';

const RewindSessionMutation = graphql(`
  mutation RewindSession($input: RewindSessionInput!) {
    rewindSession(input: $input) {
      __typename
      ... on WorkspaceOperation {
        id
        ...Operation_operation @unmask
        rewind {
          id
          messageCount
          fileCount
          promptText
        }
      }
      ... on UserError {
        message
      }
    }
  }
`);

const RestoreRewindMutation = graphql(`
  mutation RestoreRewind($id: ID!) {
    restoreRewind(id: $id) {
      __typename
      ... on WorkspaceOperation {
        id
        ...Operation_operation @unmask
      }
      ... on UserError {
        message
      }
    }
  }
`);

const UndoTurnMutation = graphql(`
  mutation UndoTurn($chatSessionId: ID!, $messageId: ID!) {
    undoTurn(chatSessionId: $chatSessionId, messageId: $messageId) {
      __typename
      ... on WorkspaceOperation {
        id
        ...Operation_operation @unmask
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** What shows the files of a session and is asked for again when they have moved. */
const FILES = ['SessionDiff', 'BranchStatusOfChat'];

/** Going back in a session, and forth again. */
export function useTimeTravel(chatSessionId: string) {
  const client = useApolloClient();
  const toast = useToast();
  const { ask } = useOperation();
  const [rewindSession] = useMutation(RewindSessionMutation);
  const [restoreRewind] = useMutation(RestoreRewindMutation);
  const [undo] = useMutation(UndoTurnMutation);
  const showFiles = useCallback(() => void client.refetchQueries({ include: FILES }), [client]);

  const restore = useCallback(
    async (id: string) => {
      const done = await ask(async () => (await restoreRewind({ variables: { id } })).data?.restoreRewind);
      if (!done) return;
      showFiles();
      toast({ text: 'Everything is as it was before.' });
    },
    [ask, restoreRewind, showFiles, toast],
  );

  /** Resolves with the words of the prompt that was taken back, where one was. */
  const rewind = useCallback(
    async (to: Omit<RewindSessionInput, 'chatSessionId'>): Promise<string | null> => {
      const input = { chatSessionId, ...to };
      const done = await ask(async () => (await rewindSession({ variables: { input } })).data?.rewindSession);
      if (done?.__typename !== 'WorkspaceOperation' || !done.rewind) return null;
      showFiles();
      const { id, messageCount, fileCount, promptText } = done.rewind;
      const what = [count(messageCount, 'message'), count(fileCount, 'file')].filter(Boolean).join(' and ');
      toast({
        text: `Took back ${what || 'nothing'}. It is all kept.`,
        action: { label: 'Undo', onSelect: () => void restore(id) },
      });
      return promptText;
    },
    [ask, rewindSession, restore, showFiles, toast, chatSessionId],
  );

  const undoTurn = useCallback(
    async (messageId: string) => {
      const variables = { chatSessionId, messageId };
      if (await ask(async () => (await undo({ variables })).data?.undoTurn)) showFiles();
    },
    [ask, undo, showFiles, chatSessionId],
  );

  return { rewind, restore, undoTurn };
}

function count(number: number, noun: string): string | null {
  return number === 0 ? null : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
