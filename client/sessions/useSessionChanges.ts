import { useApolloClient } from '@apollo/client/react';
import { useOnHealed } from '../apollo/connection.ts';
import { useWatch } from '../apollo/useWatch.ts';
import { graphql } from '../gql/gql.ts';
import { SESSION_LISTS } from './useChangeSession.ts';

const SessionChangedSubscription = graphql(`
  subscription SessionChanged($projectId: ID!) {
    chatSessionChanged(projectId: $projectId) {
      kind
      chatSessionId
      chatSession {
        id
        status
        deletedAt
        description
        workspace {
          status
          message
          headSha
        }
        ...SessionItem_session
        ...WorkspaceNotice_session
      }
    }
  }
`);

/** Keeps the sessions of a project as others see them. */
export function useSessionChanges(projectId: string): void {
  const client = useApolloClient();
  const reload = () => void client.refetchQueries({ include: SESSION_LISTS });

  useWatch(
    SessionChangedSubscription,
    { projectId },
    ({ chatSessionChanged: { kind, chatSessionId, chatSession } }) => {
      // The ids carry changes of a row to where it is shown. Only lists that gain or lose one are asked for again.
      if (kind !== 'UPDATED' || !chatSession || places.get(chatSessionId) !== placeOf(chatSession)) reload();
      if (chatSession) places.set(chatSessionId, placeOf(chatSession));
      else places.delete(chatSessionId);
    },
  );
  useOnHealed(reload);
}

/** In which list each session was when it last changed. */
const places = new Map<string, string>();

const placeOf = (session: { status: string; deletedAt: string | null }) =>
  session.deletedAt ? 'trash' : session.status;
