import { useCallback, useState } from 'react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { useToast } from '../ui/Toast.tsx';

graphql(`
  fragment Operation_operation on WorkspaceOperation {
    id
    kind
    status
    step
    progress
    errorCode
    errorMessage
  }
`);

interface Answer {
  __typename: string;
  status?: string;
  errorMessage?: string | null;
}

/** Asks for something to be done to a workspace, and says what kept it from being done. */
export function useOperation() {
  const toast = useToast();
  const [isBusy, setBusy] = useState(false);

  /** Resolves with the operation, ended or still under way; null when it was not done, and the person has been told. */
  const ask = useCallback(
    async <Result extends Answer>(request: () => Promise<Result | null | undefined>): Promise<Result | null> => {
      setBusy(true);
      try {
        const answer = await request();
        const problem = problemIn(answer)?.message ?? (answer?.status === 'FAILED' ? answer.errorMessage : null);
        if (problem) toast({ text: problem, isProblem: true });
        return problem || !answer ? null : answer;
      } catch (error) {
        toast({ text: `This was not done. ${explainError(error)}`, isProblem: true });
        return null;
      } finally {
        setBusy(false);
      }
    },
    [toast],
  );
  return { ask, isBusy };
}
