import { useApolloClient, useMutation, useQuery } from '@apollo/client/react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { BaseUpdateStrategy, ConflictResolution } from '../gql/graphql.ts';
import { useToast } from '../ui/Toast.tsx';
import { useOperation } from './useOperation.ts';

graphql(`
  fragment BaseUpdate_update on BaseUpdate {
    id
    status
    strategy
    baseBranch
    unresolvedCount
    isWithAgent
    errorMessage
    conflictedCommit {
      sha
      title
      number
      count
    }
    conflicts {
      path
      kind
      isBinary
      resolution
    }
  }
`);

const BaseUpdateQuery = graphql(`
  query BaseUpdateOfChat($id: ID!) {
    chatSession(id: $id) {
      id
      baseBranch
      baseUpdate {
        id
        ...BaseUpdate_update @unmask
      }
    }
  }
`);

const UpdateFromBaseMutation = graphql(`
  mutation UpdateFromBase($input: UpdateFromBaseInput!) {
    updateFromBase(input: $input) {
      __typename
      ... on WorkspaceOperation {
        id
        ...Operation_operation @unmask
        baseUpdate {
          id
          ...BaseUpdate_update @unmask
        }
      }
      ... on UserError {
        message
      }
    }
  }
`);

const ResolveConflictMutation = graphql(`
  mutation ResolveConflict($input: ResolveConflictInput!) {
    resolveConflict(input: $input) {
      __typename
      ... on BaseUpdate {
        id
        ...BaseUpdate_update @unmask
      }
      ... on UserError {
        message
      }
    }
  }
`);

const AskAgentMutation = graphql(`
  mutation AskAgentToResolve($id: ID!) {
    askAgentToResolve(id: $id) {
      __typename
      ... on BaseUpdate {
        id
        ...BaseUpdate_update @unmask
      }
      ... on UserError {
        message
      }
    }
  }
`);

const CompleteBaseUpdateMutation = graphql(`
  mutation CompleteBaseUpdate($id: ID!) {
    completeBaseUpdate(id: $id) {
      __typename
      ... on WorkspaceOperation {
        id
        ...Operation_operation @unmask
        baseUpdate {
          id
          ...BaseUpdate_update @unmask
        }
      }
      ... on UserError {
        message
      }
    }
  }
`);

const AbortBaseUpdateMutation = graphql(`
  mutation AbortBaseUpdate($id: ID!) {
    abortBaseUpdate(id: $id) {
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

const SHOWN = ['BaseUpdateOfChat', 'SessionDiff', 'BranchStatusOfChat'];

/** Bringing what is new on the base branch into a session, and deciding what does not fit together. */
export function useBaseUpdate(chatSessionId: string) {
  const client = useApolloClient();
  const toast = useToast();
  const { ask, isBusy } = useOperation();
  const { data, error, refetch } = useQuery(BaseUpdateQuery, {
    variables: { id: chatSessionId },
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const [updateFromBase] = useMutation(UpdateFromBaseMutation);
  const [resolveConflict, { loading: isResolving }] = useMutation(ResolveConflictMutation);
  const [askAgentToResolve, { loading: isAsking }] = useMutation(AskAgentMutation);
  const [completeBaseUpdate] = useMutation(CompleteBaseUpdateMutation);
  const [abortBaseUpdate] = useMutation(AbortBaseUpdateMutation);
  const showAgain = () => client.refetchQueries({ include: SHOWN });

  /** True when it was done; otherwise the person has been told why not. */
  const decide = async (request: () => Promise<{ __typename: string } | null | undefined>): Promise<boolean> => {
    try {
      const problem = problemIn(await request());
      if (problem) toast({ text: problem.message, isProblem: true });
      return !problem;
    } catch (cause) {
      toast({ text: `This was not done. ${explainError(cause)}`, isProblem: true });
      return false;
    }
  };

  return {
    baseBranch: data?.chatSession?.baseBranch ?? 'the base branch',
    /** The one under way; null without one, undefined while that is not known. */
    update: data?.chatSession ? data.chatSession.baseUpdate : undefined,
    problem: !data && error ? explainError(error) : null,
    reload: () => void refetch().catch(() => undefined),
    isBusy: isBusy || isResolving || isAsking,
    /** The state it ended in; null when it was not begun. */
    begin: async (strategy: BaseUpdateStrategy) => {
      const input = { chatSessionId, strategy };
      const done = await ask(async () => (await updateFromBase({ variables: { input } })).data?.updateFromBase);
      await showAgain();
      return done?.__typename === 'WorkspaceOperation' ? (done.baseUpdate?.status ?? null) : null;
    },
    resolve: (baseUpdateId: string, path: string, resolution: ConflictResolution, content: string | null = null) =>
      decide(async () => {
        const input = { baseUpdateId, path, resolution, content };
        return (await resolveConflict({ variables: { input } })).data?.resolveConflict;
      }),
    askAgent: (id: string) =>
      decide(async () => (await askAgentToResolve({ variables: { id } })).data?.askAgentToResolve),
    complete: async (id: string) => {
      const done = await ask(async () => (await completeBaseUpdate({ variables: { id } })).data?.completeBaseUpdate);
      await showAgain();
      return done?.__typename === 'WorkspaceOperation' ? (done.baseUpdate?.status ?? null) : null;
    },
    abort: async (id: string) => {
      const done = await ask(async () => (await abortBaseUpdate({ variables: { id } })).data?.abortBaseUpdate);
      await showAgain();
      return done !== null;
    },
  };
}
