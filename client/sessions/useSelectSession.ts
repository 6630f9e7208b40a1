import { useMutation } from '@apollo/client/react';
import { useEffect } from 'react';
import { graphql } from '../gql/gql.ts';

const SelectSessionMutation = graphql(`
  mutation SelectSession($id: ID!) {
    selectChatSession(id: $id) {
      __typename
      ... on ChatSession {
        id
        project {
          id
          selectedSession {
            id
          }
        }
      }
    }
  }
`);

/** Remembers the session as the one that is open, for the next time its project is opened. */
export function useSelectSession(chatSessionId: string): void {
  const [select] = useMutation(SelectSessionMutation);
  useEffect(() => {
    // Being remembered is a comfort: when it fails nothing is lost that anyone has to be told of.
    select({ variables: { id: chatSessionId } }).catch(() => {});
  }, [chatSessionId, select]);
}
