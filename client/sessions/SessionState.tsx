import { LoaderCircle } from 'lucide-react';
import type { RunStatus, WorkspaceStatus } from '../gql/graphql.ts';
import { classNames } from '../ui/class-names.ts';

interface SessionStateProps {
  run: RunStatus | undefined;
  workspace: WorkspaceStatus;
  hasUnread: boolean;
}

/** The dot in front of a session. Colour is never alone: it has a word for those who do not see it. */
export function SessionState({ run, workspace, hasUnread }: SessionStateProps) {
  if (run === 'RUNNING' || run === 'QUEUED') return <Dot className="breathes bg-accent" word="Agent at work" />;
  if (run === 'WAITING_FOR_PERMISSION') return <Dot className="bg-warn" word="Asks for permission" />;
  if (run === 'FAILED' || run === 'INTERRUPTED' || workspace === 'FAILED') {
    return <Dot className="bg-del" word={run === 'INTERRUPTED' ? 'Interrupted' : 'Failed'} />;
  }
  if (workspace === 'PREPARING') {
    return (
      <span title="Preparing" className="text-third">
        <LoaderCircle size={10} strokeWidth={2} className="turns" aria-hidden />
        <span className="sr-only">Preparing. </span>
      </span>
    );
  }
  return hasUnread ? <Dot className="bg-accent" word="Unread" /> : null;
}

function Dot({ className, word }: { className: string; word: string }) {
  return (
    <span title={word} className={classNames('size-[7px] rounded-full', className)}>
      <span className="sr-only">{word}. </span>
    </span>
  );
}
