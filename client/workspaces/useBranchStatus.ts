import { useQuery } from '@apollo/client/react';
import { useWatch } from '../apollo/useWatch.ts';
import { graphql } from '../gql/gql.ts';

const BranchStatusQuery = graphql(`
  query BranchStatusOfChat($id: ID!) {
    chatSession(id: $id) {
      id
      branchStatus {
        id
        ...BranchStatus_status @unmask
      }
    }
  }
`);

const BranchStatusChangedSubscription = graphql(`
  subscription BranchStatusChanged($chatSessionId: ID!) {
    branchStatusChanged(chatSessionId: $chatSessionId) {
      id
      ...BranchStatus_status @unmask
    }
  }
`);

graphql(`
  fragment BranchStatus_status on BranchStatus {
    id
    path
    branch
    currentBranch
    headSha
    baseBranch
    baseSha
    aheadOfBase
    behindBase
    remote {
      branch
      ahead
      behind
    }
    dirtyFiles {
      path
      kind
    }
    dirtyFileCount
    conflictPaths
    conflictCount
    isDrifted
    sync
    diskBytes
    processCount
    checkedAt
  }
`);

/** Where the branch and the files of a session stand, as it changes; undefined until that is known. */
export function useBranchStatus(chatSessionId: string) {
  const { data } = useQuery(BranchStatusQuery, { variables: { id: chatSessionId } });
  // The ids carry each change to where it is shown.
  useWatch(BranchStatusChangedSubscription, { chatSessionId }, () => undefined);
  return data?.chatSession?.branchStatus ?? undefined;
}
