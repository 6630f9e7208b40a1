import { useApolloClient, useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useState } from 'react';
import { useOnHealed } from '../apollo/connection.ts';
import { ConversationQuery, EarlierMessagesQuery } from './conversation-query.ts';
import { EventStream } from './event-stream.ts';

/**
 * A session and what is said in it, kept as it is on the server: loads it with the number of its newest event, then
 * follows the events behind that number. Use it in a component that is keyed by the session.
 */
export function useChatSessionEvents(chatSessionId: string) {
  const client = useApolloClient();
  const [start, setStart] = useState<{ seq: number } | null>(null);
  const { data, error, loading, refetch } = useQuery(ConversationQuery, {
    variables: { id: chatSessionId },
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });

  const lastSeq = !loading && !error ? data?.chatSession?.lastSeq : undefined;
  useEffect(() => {
    if (lastSeq !== undefined) setStart((known) => known ?? { seq: lastSeq });
  }, [lastSeq]);

  const reload = useCallback(async () => {
    const { data: fresh } = await refetch();
    if (fresh?.chatSession) setStart({ seq: fresh.chatSession.lastSeq });
  }, [refetch]);

  useEffect(() => {
    if (!start) return;
    const stream = new EventStream(client, chatSessionId, start.seq, () => void reload().catch(() => {}));
    return () => stream.close();
  }, [client, chatSessionId, start, reload]);

  useOnHealed(() => {
    if (!start) void reload().catch(() => {});
  });

  const session = data?.chatSession;
  const { hasPreviousPage, startCursor } = session?.messages.pageInfo ?? {};
  const [isLoadingEarlier, setLoadingEarlier] = useState(false);
  const loadEarlier = async () => {
    if (!hasPreviousPage || !startCursor || isLoadingEarlier) return;
    setLoadingEarlier(true);
    const variables = { id: chatSessionId, before: startCursor };
    await client.query({ query: EarlierMessagesQuery, variables, fetchPolicy: 'network-only' }).catch(() => {});
    setLoadingEarlier(false);
  };

  return {
    session,
    sandbox: data?.viewer?.server.sandbox,
    error,
    /** Nothing to show yet. */
    isLoading: !data && loading,
    reload,
    hasEarlier: hasPreviousPage === true,
    isLoadingEarlier,
    loadEarlier,
  };
}
