import { useMutation } from '@apollo/client/react';
import { graphql } from '../gql/gql.ts';
import { useOperation } from './useOperation.ts';

const RepairBranchMutation = graphql(`
  mutation RepairBranch($chatSessionId: ID!) {
    repairBranch(chatSessionId: $chatSessionId) {
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

/** Puts a workspace back on the branch of its session. */
export function useRepairBranch(chatSessionId: string) {
  const [mutate] = useMutation(RepairBranchMutation);
  const { ask, isBusy } = useOperation();
  return {
    isRepairing: isBusy,
    repair: () => ask(async () => (await mutate({ variables: { chatSessionId } })).data?.repairBranch),
  };
}
