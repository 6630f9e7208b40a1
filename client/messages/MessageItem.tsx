import type { FragmentType } from '@apollo/client';
import { useFragment } from '@apollo/client/react';
import { memo } from 'react';
import type { MessageItem_MessageFragment, Run_RunFragment } from '../gql/graphql.ts';
import { Bubble } from './Bubble.tsx';
import { MessageFragment } from './message-fragments.ts';
import { Notice } from './Notice.tsx';
import { PartView } from './PartView.tsx';

interface MessageItemProps {
  message: FragmentType<MessageItem_MessageFragment>;
  /** The newest run of the conversation, when this is its last message. */
  latestRun: Run_RunFragment | null;
  isRetrying: boolean;
  onRetry(runId: string): void;
}

/** One thing said: a bubble for people, plain text on the page for the agent. */
export const MessageItem = memo(function MessageItem({ message, latestRun, isRetrying, onRetry }: MessageItemProps) {
  const { data, complete } = useFragment({
    fragment: MessageFragment,
    fragmentName: 'MessageItem_message',
    from: message,
  });
  if (!complete) return null;
  const { role, parts, author } = data;
  const retry =
    latestRun?.canRetry && latestRun.id === data.run?.id
      ? { isBusy: isRetrying, onRetry: () => onRetry(latestRun.id) }
      : undefined;
  const ending = latestRun && latestRun.id === data.run?.id ? endingOf(latestRun, parts) : null;

  return (
    <article
      aria-label={role === 'USER' ? (author?.name ?? 'Somebody') : 'Agent'}
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
    >
      {role === 'USER' ? (
        <Bubble>{parts.map((part) => (part.__typename === 'TextPart' ? part.text : '')).join('')}</Bubble>
      ) : (
        parts.map((part) => <PartView key={part.position} part={part} retry={retry} />)
      )}
      {ending && <Notice level={ending.level} text={ending.text} retry={retry} />}
    </article>
  );
});

/** How the run ended, where it did not end well and no notice of it says so already. */
function endingOf(run: Run_RunFragment, parts: MessageItem_MessageFragment['parts']) {
  const isSaid = parts.some((part) => part.__typename === 'NoticePart' && part.level === 'ERROR');
  switch (run.status) {
    case 'CANCELLED':
      return { level: 'INFO' as const, text: 'Stopped. What was said and written is kept.' };
    case 'FAILED':
      return isSaid ? null : { level: 'ERROR' as const, text: run.errorMessage ?? 'The agent could not finish.' };
    case 'INTERRUPTED':
      return isSaid
        ? null
        : {
            level: 'WARNING' as const,
            text: run.errorMessage ?? 'The server stopped in the middle of this answer. What was said is kept.',
          };
    default:
      return null;
  }
}
