import type { FragmentType } from '@apollo/client';
import { useFragment } from '@apollo/client/react';
import { memo } from 'react';
import type { MessageItem_MessageFragment, Run_RunFragment } from '../gql/graphql.ts';
import type { MenuEntry } from '../ui/menu-entry.ts';
import { Bubble } from './Bubble.tsx';
import { MessageMenu } from './MessageMenu.tsx';
import { MessageFragment } from './message-fragments.ts';
import { Notice } from './Notice.tsx';
import { PartView } from './PartView.tsx';

/** A message as its menu knows it. */
export interface MessageOfMenu {
  id: string;
  role: 'USER' | 'ASSISTANT';
  /** What was said, without tool calls. */
  text: string;
  /** The commit that holds what this turn changed. */
  commitSha: string | null;
}

/** What can be done from a message on; the page knows. Must not change while somebody types. */
export type MenuOfMessage = (message: MessageOfMenu) => MenuEntry[];

interface MessageItemProps {
  message: FragmentType<MessageItem_MessageFragment>;
  /** The newest run of the conversation, when this is its last message. */
  latestRun: Run_RunFragment | null;
  isRetrying: boolean;
  onRetry(runId: string): void;
  menu?: MenuOfMessage | undefined;
}

/** One thing said: a bubble for people, plain text on the page for the agent. */
export const MessageItem = memo(function MessageItem({
  message,
  latestRun,
  isRetrying,
  onRetry,
  menu,
}: MessageItemProps) {
  const { data, complete } = useFragment({
    fragment: MessageFragment,
    fragmentName: 'MessageItem_message',
    from: message,
  });
  if (!complete) return null;
  const { role, parts, author } = data;
  const ended = latestRun && latestRun.id === data.run?.id ? latestRun : null;
  const retry = ended?.canRetry ? { isBusy: isRetrying, onRetry: () => onRetry(ended.id) } : undefined;
  const notice = ended && noticeOf(ended, parts);
  const ending = ended && !notice ? endingOf(ended) : null;
  const speaker = role === 'USER' ? (author?.name ?? 'Somebody') : 'Agent';
  const entries = menu && data.status === 'COMPLETE' ? menu(forMenu(data)) : [];

  return (
    <article aria-label={speaker} className="group/message relative grid grid-cols-[minmax(0,1fr)] gap-3">
      {role === 'USER' ? (
        <Bubble>{parts.map((part) => (part.__typename === 'TextPart' ? part.text : '')).join('')}</Bubble>
      ) : (
        parts.map((part) => <PartView key={part.position} part={part} retry={part === notice ? retry : undefined} />)
      )}
      {ending && <Notice level={ending.level} text={ending.text} retry={retry} />}
      {entries.length > 0 && <MessageMenu entries={entries} label={`Menu of the message of ${speaker}`} />}
    </article>
  );
});

function forMenu({ id, role, parts }: MessageItem_MessageFragment): MessageOfMenu {
  return {
    id,
    role,
    text: parts.flatMap((part) => (part.__typename === 'TextPart' ? [part.text] : [])).join('\n\n'),
    commitSha: parts.findLast((part) => part.__typename === 'CommitPart')?.sha ?? null,
  };
}

/** The notice that tells already how the run ended. */
function noticeOf(run: Run_RunFragment, parts: MessageItem_MessageFragment['parts']) {
  return parts.findLast((part) => part.__typename === 'NoticePart' && part.code === run.errorCode);
}

/** How the run ended, where it did not end well. */
function endingOf(run: Run_RunFragment) {
  switch (run.status) {
    case 'CANCELLED':
      return { level: 'INFO' as const, text: 'Stopped. What was said and written is kept.' };
    case 'FAILED':
      return {
        level: 'ERROR' as const,
        text: run.errorMessage ?? 'The agent could not finish. What was said is kept.',
      };
    case 'INTERRUPTED':
      return {
        level: 'WARNING' as const,
        text: run.errorMessage ?? 'The server stopped in the middle of this answer. What was said is kept.',
      };
    default:
      return null;
  }
}
