import { useMutation, useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { useWatch } from '../apollo/useWatch.ts';
import { graphql } from '../gql/gql.ts';
import { useOperation } from './useOperation.ts';

graphql(`
  fragment Setup_setup on SetupRun {
    id
    status
    exitCode
    message
    timedOut
    startedAt
    finishedAt
    cacheUse
    logTruncated
  }
`);

const SetupLogQuery = graphql(`
  query SetupLog($id: ID!) {
    chatSession(id: $id) {
      id
      setup {
        id
        log
        ...Setup_setup @unmask
      }
    }
  }
`);

const SetupLogAppendedSubscription = graphql(`
  subscription SetupLogAppended($chatSessionId: ID!) {
    setupLogAppended(chatSessionId: $chatSessionId) {
      setupRunId
      offset
      text
      setup {
        id
        ...Setup_setup @unmask
      }
    }
  }
`);

const RerunSetupMutation = graphql(`
  mutation RerunSetup($chatSessionId: ID!) {
    rerunSetup(chatSessionId: $chatSessionId) {
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

const StopSetupMutation = graphql(`
  mutation StopSetup($chatSessionId: ID!) {
    stopSetup(chatSessionId: $chatSessionId) {
      __typename
      ... on SetupRun {
        id
        status
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** The newest setup of a session with its log, as it is written. */
export function useSetupLog(chatSessionId: string) {
  const { data } = useQuery(SetupLogQuery, { variables: { id: chatSessionId }, fetchPolicy: 'network-only' });
  const setup = data?.chatSession?.setup ?? null;
  const [live, setLive] = useState<{ id: string; text: string } | null>(null);
  const { id: loadedId, log: loadedLog = '' } = setup ?? {};
  useEffect(() => {
    if (!loadedId) return;
    const loaded = { id: loadedId, text: loadedLog };
    setLive((known) => (known?.id === loadedId && known.text.length >= loadedLog.length ? known : loaded));
  }, [loadedId, loadedLog]);

  useWatch(SetupLogAppendedSubscription, { chatSessionId }, ({ setupLogAppended: { setupRunId, offset, text } }) =>
    setLive((known) => {
      const before = known?.id === setupRunId ? known.text : '';
      // What is there already comes once more after a lost line; what is missing comes with the query.
      return offset > before.length ? known : { id: setupRunId, text: before.slice(0, offset) + text };
    }),
  );
  return { setup, log: live?.text ?? setup?.log ?? '' };
}

/** Sets a workspace up once more, or ends a setup that is on. */
export function useSetupControl(chatSessionId: string) {
  const { ask, isBusy } = useOperation();
  const [rerunSetup] = useMutation(RerunSetupMutation);
  const [stopSetup] = useMutation(StopSetupMutation);
  const variables = { chatSessionId };
  return {
    isBusy,
    rerun: () => ask(async () => (await rerunSetup({ variables })).data?.rerunSetup),
    stop: () =>
      ask(async () => {
        const answer = (await stopSetup({ variables })).data?.stopSetup;
        // A setup that failed before it could be stopped is no failure of stopping it.
        return answer?.__typename === 'SetupRun' ? { __typename: answer.__typename } : answer;
      }),
  };
}
