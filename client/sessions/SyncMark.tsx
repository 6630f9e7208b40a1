import { useFragment } from '@apollo/client/react';
import { graphql } from '../gql/gql.ts';
import { classNames } from '../ui/class-names.ts';
import { syncWords } from './sync-words.ts';

const SyncMarkFragment = graphql(`
  fragment SyncMark_session on ChatSession {
    id
    branchStatus {
      id
      sync
      aheadOfBase
      behindBase
    }
  }
`);

/** Where the branch of a session stands, in one mark; nothing until that is known. */
export function SyncMark({ chatSessionId, className }: { chatSessionId: string; className?: string }) {
  const { data } = useFragment({
    fragment: SyncMarkFragment,
    from: { __typename: 'ChatSession' as const, id: chatSessionId },
  });
  const { sync, aheadOfBase, behindBase } = data.branchStatus ?? {};
  if (!sync || aheadOfBase === undefined || behindBase === undefined) return null;
  const { mark, words, look } = syncWords({ sync, aheadOfBase, behindBase });
  return (
    <span title={words} className={classNames('shrink-0 tabular-nums', look, className)}>
      <span aria-hidden>{mark}</span>
      <span className="sr-only">{words}. </span>
    </span>
  );
}
