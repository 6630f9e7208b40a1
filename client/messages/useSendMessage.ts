import { useMutation } from '@apollo/client/react';
import { useSyncExternalStore } from 'react';
import { useOnHealed } from '../apollo/connection.ts';
import { explainError, isNetworkError, problemIn } from '../apollo/explain-error.ts';
import { newMutationId } from '../apollo/mutation-id.ts';
import { graphql } from '../gql/gql.ts';
import { addMessage, updateRun } from './apply-events.ts';
import { type OutboxItem, outbox } from './outbox.ts';

const SendMessageMutation = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess {
        sentMessage {
          id
          ...MessageItem_message @unmask
        }
        run {
          id
          ...Run_run @unmask
        }
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** Sends what is said. It shows at once; what could not be sent stays, says why, and can be sent again. */
export function useSendMessage(chatSessionId: string) {
  const items = useSyncExternalStore(outbox.subscribe, () => outbox.of(chatSessionId));
  const [mutate] = useMutation(SendMessageMutation, { fetchPolicy: 'no-cache' });

  const deliver = async ({ clientMutationId, text }: OutboxItem) => {
    outbox.put(chatSessionId, { clientMutationId, text, isSending: true });
    const fail = (problem: string, isUnreached: boolean) =>
      outbox.put(chatSessionId, { clientMutationId, text, isSending: false, problem, isUnreached });
    try {
      await mutate({
        variables: { input: { chatSessionId, text, clientMutationId } },
        update(cache, { data }) {
          const result = data?.sendMessage;
          if (result?.__typename === 'SendMessageSuccess') {
            addMessage(cache, chatSessionId, result.sentMessage);
            updateRun(cache, chatSessionId, result.run);
            outbox.remove(chatSessionId, clientMutationId);
          } else {
            fail(problemIn(result)?.message ?? 'The server did not take it.', false);
          }
        },
      });
    } catch (error) {
      fail(explainError(error), isNetworkError(error));
    }
  };

  useOnHealed(() => {
    for (const item of outbox.of(chatSessionId)) if (!item.isSending && item.isUnreached) void deliver(item);
  });

  return {
    items,
    send: (text: string) => deliver({ clientMutationId: newMutationId(), text, isSending: true }),
    resend: deliver,
    discard: ({ clientMutationId }: OutboxItem) => outbox.remove(chatSessionId, clientMutationId),
  };
}
