import { GraphQLError } from 'graphql';
import type { MiddlewareFn } from 'type-graphql';

const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** Fields that may be asked by nobody. */
const OPEN = ['viewer', 'signOut'];

/** Refuses every root field but `viewer` and `signOut` when nobody is signed in. */
export const requireSignIn: MiddlewareFn<{ viewer: unknown }> = ({ context, info }, next) => {
  if (!context.viewer && ROOTS.includes(info.parentType.name) && !OPEN.includes(info.fieldName)) {
    throw new GraphQLError('Sign in first: open the link that Kosuke printed when it was started.', {
      extensions: { code: 'UNAUTHENTICATED' },
    });
  }
  return next();
};
