import { ArrowDown } from 'lucide-react';
import { type ReactNode, type RefObject, useImperativeHandle, useRef } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import type { Run_RunFragment } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { Composer } from './Composer.tsx';
import { BranchName, ConversationHeader } from './ConversationHeader.tsx';
import { ConversationSkeleton } from './ConversationSkeleton.tsx';
import { EmptyConversation } from './EmptyConversation.tsx';
import { type MenuOfMessage, MessageItem } from './MessageItem.tsx';
import { OutboxMessage } from './OutboxMessage.tsx';
import { QueuedMessage } from './QueuedMessage.tsx';
import { RunAnnouncer } from './RunAnnouncer.tsx';
import { RunLine } from './RunLine.tsx';
import { useChatSessionEvents } from './useChatSessionEvents.ts';
import { useDraft } from './useDraft.ts';
import { useReading } from './useReading.ts';
import { useRunControl } from './useRunControl.ts';
import { useScroll } from './useScroll.ts';
import { useSendMessage } from './useSendMessage.ts';
import './prose.css';

/** What others may do with the composer. */
export interface ComposerHandle {
  /** Puts words into it, in place of what is there. */
  write(text: string): void;
}

interface ConversationProps {
  composer?: RefObject<ComposerHandle | null>;
  /** Key the component by it. */
  chatSessionId: string;
  leading?: ReactNode;
  trailing?: ReactNode;
  /** What can be done from a message on. */
  messageMenu?: MenuOfMessage;
  /** Above the composer: what the workspace has to say. */
  workspaceNotice?: ReactNode;
  /** The branch, and how it stands; the name alone when left out. */
  branchChip?: ReactNode;
  /** Shown when there is no such session. */
  notFound: ReactNode;
  /** Takes the place of the composer when nothing can be sent. */
  closedNotice(session: { id: string; status: string; isDeleted: boolean }): ReactNode;
}

const isOn = (run: Run_RunFragment | null) => run?.status === 'RUNNING' || run?.status === 'WAITING_FOR_PERMISSION';

/** What is said in a session, live, and where one answers. */
export function Conversation(props: ConversationProps) {
  const {
    chatSessionId,
    composer,
    leading,
    trailing,
    messageMenu,
    workspaceNotice,
    branchChip,
    notFound,
    closedNotice,
  } = props;
  const conversation = useChatSessionEvents(chatSessionId);
  const { session, sandbox, error, isLoading, hasEarlier, isLoadingEarlier, loadEarlier } = conversation;
  const { items, send, resend, discard } = useSendMessage(chatSessionId);
  const { stop, retry, isStopping, isRetrying } = useRunControl(chatSessionId);
  const [draft, setDraft] = useDraft(chatSessionId);
  const field = useRef<HTMLTextAreaElement>(null);
  const messages = session?.messages.nodes ?? [];
  const { viewport, content, isAtEnd, toEnd, onScroll } = useScroll(
    messages[0]?.id,
    session !== undefined && session !== null,
    () => void loadEarlier(),
  );
  const write = (text: string) => {
    setDraft(text);
    field.current?.focus();
  };
  useImperativeHandle(composer, () => ({ write }));
  useReading(chatSessionId, session?.unreadCount ?? 0, isAtEnd);

  if (!session) {
    if (isLoading) return <ConversationSkeleton leading={leading} />;
    if (!error) return notFound;
    return (
      <CentredMessage
        title="This chat could not be loaded"
        actions={
          <Button look="primary" onClick={() => void conversation.reload().catch(() => {})}>
            Try again
          </Button>
        }
      >
        {explainError(error)}
      </CentredMessage>
    );
  }

  const { title, agent, branch, latestRun, queuedMessages, workspace } = session;
  // While messages wait in the queue the newest run is that of the last of them, not the one that is on.
  const run = messages.findLast((message) => isOn(message.run))?.run ?? latestRun;
  const isRunning = isOn(run) || run?.status === 'QUEUED';
  const isEmpty = messages.length === 0 && queuedMessages.length === 0 && items.length === 0;
  const isDeleted = session.deletedAt !== null;

  return (
    <section aria-label="Conversation" className="flex h-full min-h-0 flex-col">
      <ConversationHeader
        title={title}
        agentName={agent.name}
        branch={branchChip ?? <BranchName branch={branch} />}
        sandbox={sandbox}
        leading={leading}
        trailing={trailing}
      />
      <div className="relative min-h-0 flex-1">
        <div
          ref={viewport}
          onScroll={onScroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the conversation is scrolled with the arrow keys
          tabIndex={0}
          className="h-full overflow-y-auto outline-offset-[-2px] [overflow-anchor:none]"
        >
          <div
            ref={content}
            className="mx-auto flex min-h-full max-w-[47rem] flex-col gap-5 px-5 pt-5 pb-6 max-sm:px-4"
          >
            {hasEarlier && (
              <div className="flex h-8 justify-center">
                <Button look="quiet" isBusy={isLoadingEarlier} onClick={() => void loadEarlier()}>
                  {isLoadingEarlier ? 'Loading earlier messages' : 'Load earlier messages'}
                </Button>
              </div>
            )}
            {isEmpty && (
              <EmptyConversation agentName={agent.name} hasModel={agent.hasModel} branch={branch} onTry={write} />
            )}
            {messages.map((message, index) => (
              <MessageItem
                key={message.id}
                message={message}
                latestRun={index === messages.length - 1 && !isRunning ? latestRun : null}
                isRetrying={isRetrying}
                onRetry={retry}
                menu={messageMenu}
              />
            ))}
            <RunLine run={run} workspace={workspace} hasMessages={messages.length > 0} />
            {queuedMessages.map((message) => (
              <QueuedMessage key={message.id} message={message} chatSessionId={chatSessionId} />
            ))}
            {items.map((item) => (
              <OutboxMessage
                key={item.clientMutationId}
                item={item}
                onResend={() => void resend(item)}
                onEdit={() => {
                  discard(item);
                  write(draft === '' ? item.text : `${item.text}\n${draft}`);
                }}
              />
            ))}
          </div>
        </div>
        {!isAtEnd && (
          <Button
            className="veil !absolute bottom-3 left-1/2 -translate-x-1/2 !rounded-full shadow-float"
            icon={<ArrowDown size={14} strokeWidth={1.75} aria-hidden />}
            onClick={toEnd}
          >
            Jump to latest
          </Button>
        )}
      </div>
      <RunAnnouncer status={run?.status} />
      <div className="mx-auto grid w-full max-w-[47rem] shrink-0 gap-2 px-5 pb-[max(1rem,env(safe-area-inset-bottom))] max-sm:px-2">
        {workspaceNotice}
        {session.status === 'ACTIVE' && !isDeleted ? (
          <Composer
            field={field}
            text={draft}
            isRunning={isRunning}
            isStopping={isStopping}
            onChange={setDraft}
            onSend={() => {
              const text = draft;
              setDraft('');
              toEnd();
              void send(text);
            }}
            onStop={() => run && void stop(run.id)}
          />
        ) : (
          closedNotice({ id: session.id, status: session.status, isDeleted })
        )}
      </div>
    </section>
  );
}
