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
    // Nobody is signed in now: asking who is takes every other page away, and then what it has loaded can go.
    await client.refetchQueries({ include: ['Viewer'] });
    client.cache.modify({ fields: (value, { fieldName, DELETE }) => (fieldName === 'viewer' ? value : DELETE) });
    client.cache.gc();
  };
}
