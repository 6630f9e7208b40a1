import type { SessionDiffQuery } from '../gql/graphql.ts';

type Session = NonNullable<SessionDiffQuery['chatSession']>;

/** A file that differs, as the list has it. */
export type DiffFile = Extract<Session['diff'], { __typename: 'Diff' }>['files'][number];
