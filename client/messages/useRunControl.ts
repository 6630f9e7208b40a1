import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { useToast } from '../ui/Toast.tsx';
import { updateRun } from './apply-events.ts';

const StopRunMutation = graphql(`
  mutation StopRun($id: ID!) {
    stopRun(id: $id) {
      __typename
      ... on Run {
        id
        ...Run_run @unmask
      }
      ... on UserError {
        message
      }
    }
  }
`);

const RetryRunMutation = graphql(`
  mutation RetryRun($id: ID!) {
    retryRun(id: $id) {
      __typename
      ... on Run {
        id
        ...Run_run @unmask
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** Ends a run, or begins it anew. */
export function useRunControl(chatSessionId: string) {
  const toast = useToast();
  const [stopRun, { loading: isStopping }] = useMutation(StopRunMutation);
  const [retryRun, { loading: isRetrying }] = useMutation(RetryRunMutation);
  const say = useCallback((text: string) => toast({ text, isProblem: true }), [toast]);

  const stop = async (id: string) => {
    try {
      const { data } = await stopRun({ variables: { id } });
      const problem = problemIn(data?.stopRun);
      if (problem) say(problem.message);
    } catch (error) {
      say(`The agent still runs. ${explainError(error)}`);
    }
  };
  // Every message of a conversation has it: it must not change while somebody types.
  const retry = useCallback(
    async (id: string) => {
      try {
        await retryRun({
          variables: { id },
          update(cache, { data }) {
            if (data?.retryRun.__typename === 'Run') updateRun(cache, chatSessionId, data.retryRun);
            const problem = problemIn(data?.retryRun);
            if (problem) say(problem.message);
          },
        });
      } catch (error) {
        say(`It was not started again. ${explainError(error)}`);
      }
    },
    [chatSessionId, retryRun, say],
  );
  return { stop, retry, isStopping, isRetrying };
}
