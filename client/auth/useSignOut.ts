import { useApolloClient, useMutation } from '@apollo/client/react';
import { graphql } from '../gql/gql.ts';

const SignOutMutation = graphql(`
  mutation SignOut {
    signOut
  }
`);

/** Ends the login of this browser and forgets everything the page has loaded. */
export function useSignOut(): () => Promise<void> {
  const client = useApolloClient();
  const [signOut] = useMutation(SignOutMutation);
  return async () => {
    await signOut();
    client.cache.modify({ fields: { viewer: () => null } });
    await client.clearStore();
  };
}
