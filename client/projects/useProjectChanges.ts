import { useApolloClient } from '@apollo/client/react';
import { useOnHealed } from '../apollo/connection.ts';
import { useWatch } from '../apollo/useWatch.ts';
import { graphql } from '../gql/gql.ts';

const ProjectChangedSubscription = graphql(`
  subscription ProjectChanged {
    projectChanged {
      kind
      projectId
      project {
        id
        name
        description
        defaultBranch
        status
        statusMessage
        progress
        updatedAt
      }
    }
  }
`);

/** Keeps projects as others see them. The ids do most of it; lists are asked for again when they gain or lose one. */
export function useProjectChanges(): void {
  const client = useApolloClient();
  const reload = () => void client.refetchQueries({ include: ['ProjectNames'] });
  useWatch(ProjectChangedSubscription, {}, ({ projectChanged }) => {
    if (projectChanged.kind !== 'UPDATED') reload();
  });
  useOnHealed(reload);
}
