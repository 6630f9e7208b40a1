import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useSubscription } from '@apollo/client/react';
import { useEffect, useRef } from 'react';

const PAUSE_MS = 2_000;

/**
 * Hears what happens on the server for as long as the component is there. When the server ends the subscription, it begins
 * again; a lost line is not that, the socket heals it.
 */
export function useWatch<Data, Variables extends OperationVariables>(
  subscription: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onHeard: (data: Data) => void,
): void {
  const restart = useRef(() => {});
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const again = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => restart.current(), PAUSE_MS);
  };
  const options = {
    variables,
    ignoreResults: true,
    onData: ({ data }: { data: { data?: unknown } }) => {
      if (data.data) onHeard(data.data as Data);
    },
    onError: again,
    onComplete: again,
  };
  // Whether variables may be left out depends on the subscription, which is not known here.
  const result = useSubscription(subscription, options as never);
  restart.current = result.restart;
  useEffect(() => () => clearTimeout(timer.current), []);
}
