import { useMutation } from '@apollo/client/react';
import { useEffect } from 'react';
import { graphql } from '../gql/gql.ts';

const MarkReadMutation = graphql(`
  mutation MarkRead($id: ID!) {
    markChatSessionRead(id: $id) {
      __typename
      ... on ChatSession {
        id
        unreadCount
      }
    }
  }
`);

const LOOKED_AT_MS = 400;

/** Marks a session as read while its end is looked at. */
export function useReading(chatSessionId: string, unreadCount: number, isAtEnd: boolean): void {
  const [markRead] = useMutation(MarkReadMutation);
  useEffect(() => {
    if (unreadCount === 0 || !isAtEnd) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'hidden') return;
      // When it fails the badge stays, which is the truth.
      timer = setTimeout(() => void markRead({ variables: { id: chatSessionId } }).catch(() => {}), LOOKED_AT_MS);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [chatSessionId, unreadCount, isAtEnd, markRead]);
}
