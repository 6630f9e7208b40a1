import { useFragment } from '@apollo/client/react';
import { FileDiff } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { useOutletContext, useParams } from 'react-router';
import { graphql } from '../gql/gql.ts';
import { type ComposerHandle, Conversation } from '../messages/Conversation.tsx';
import { ClosedNotice } from '../sessions/ClosedNotice.tsx';
import { SyncMark } from '../sessions/SyncMark.tsx';
import { useDuplicateSession } from '../sessions/useDuplicateSession.ts';
import { useSelectSession } from '../sessions/useSelectSession.ts';
import { Drawer } from '../ui/Dialog.tsx';
import { ResizeHandle } from '../ui/ResizeHandle.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { useMedia } from '../ui/useMedia.ts';
import { usePageTitle } from '../ui/usePageTitle.ts';
import { useStored } from '../ui/useStored.ts';
import { BranchChip } from '../workspaces/BranchChip.tsx';
import { ChangesPanel } from '../workspaces/ChangesPanel.tsx';
import { UpdateDialog } from '../workspaces/UpdateDialog.tsx';
import { useMessageMenu } from '../workspaces/useMessageMenu.tsx';
import { useSessionDiff } from '../workspaces/useSessionDiff.ts';
import { WorkspaceNotice } from '../workspaces/WorkspaceNotice.tsx';
import { NotFound } from './NotFoundPage.tsx';
import type { ProjectOutlet } from './ProjectPage.tsx';
import { WayToChats } from './WayToChats.tsx';

export function ChatPage() {
  const { chatSessionId = '' } = useParams();
  return <Chat key={chatSessionId} chatSessionId={chatSessionId} />;
}

const ChatPageFragment = graphql(`
  fragment ChatPage_session on ChatSession {
    title
    branch
  }
`);

function Chat({ chatSessionId }: { chatSessionId: string }) {
  const { projectId, openSidebar } = useOutletContext<ProjectOutlet>();
  const hasRoom = useMedia('(min-width: 1200px)');
  const [docked, setDocked] = useStored('kosuke.changes', 'open');
  const [isOver, setOver] = useState(false);
  const [storedWidth, storeWidth] = useStored('kosuke.changes-width', '380');
  /** The turn whose changes are shown; null for all of the chat. */
  const [range, setRange] = useState<{ messageId: string } | null>(null);
  const [isUpdating, setUpdating] = useState(false);
  const composer = useRef<ComposerHandle>(null);
  const duplicate = useDuplicateSession(chatSessionId);
  const messageMenu = useMessageMenu(chatSessionId, {
    onShowChanges: useCallback(
      (messageId: string) => {
        setRange({ messageId });
        if (hasRoom) setDocked('open');
        else setOver(true);
      },
      [hasRoom, setDocked],
    ),
    onDuplicate: useCallback((messageId: string) => void duplicate(messageId), [duplicate]),
    onEditAgain: useCallback((text: string) => composer.current?.write(text), []),
  });
  useSelectSession(chatSessionId);
  const { data } = useFragment({
    fragment: ChatPageFragment,
    from: { __typename: 'ChatSession' as const, id: chatSessionId },
  });
  usePageTitle(data.title);

  const isDocked = hasRoom && docked === 'open';
  const toggle = () => (hasRoom ? setDocked(isDocked ? 'closed' : 'open') : setOver(true));
  const width = Number(storedWidth) || 380;
  const changes = (onClose: () => void) => (
    <ChangesPanel chatSessionId={chatSessionId} range={range} onShowAll={() => setRange(null)} onClose={onClose} />
  );
  return (
    <div className="flex h-full min-h-0">
      <div className="min-w-0 flex-1">
        <Conversation
          chatSessionId={chatSessionId}
          leading={<WayToChats projectId={projectId} openSidebar={openSidebar} />}
          trailing={!isDocked && <ChangesButton chatSessionId={chatSessionId} onClick={toggle} />}
          composer={composer}
          messageMenu={messageMenu}
          workspaceNotice={<WorkspaceNotice chatSessionId={chatSessionId} onResolve={() => setUpdating(true)} />}
          branchChip={
            data.branch && (
              <BranchChip
                chatSessionId={chatSessionId}
                branch={data.branch}
                mark={<SyncMark chatSessionId={chatSessionId} className="font-sans text-meta" />}
                onUpdate={() => setUpdating(true)}
              />
            )
          }
          closedNotice={(session) => <ClosedNotice session={session} projectId={projectId} />}
          notFound={
            <NotFound
              title="No such chat"
              text="It does not exist, was deleted for good, or belongs to somebody else."
              to={`/projects/${projectId}/chats`}
              action="Go to chats"
            />
          }
        />
      </div>
      {isDocked && (
        <>
          <ResizeHandle
            label="Width of the changes"
            side="right"
            width={width}
            min={300}
            max={900}
            onChange={(next) => storeWidth(String(next))}
          />
          <div style={{ width }} className="shrink-0">
            {changes(toggle)}
          </div>
        </>
      )}
      {isUpdating && <UpdateDialog chatSessionId={chatSessionId} onClose={() => setUpdating(false)} />}
      <Drawer isOpen={isOver && !hasRoom} title="Changes" side="right" onClose={() => setOver(false)}>
        {changes(() => setOver(false))}
      </Drawer>
    </div>
  );
}

function ChangesButton({ chatSessionId, onClick }: { chatSessionId: string; onClick(): void }) {
  const files = useSessionDiff(chatSessionId, null).diff?.totalFiles ?? 0;
  return (
    <Tooltip text="Show changes">
      <button
        type="button"
        onClick={onClick}
        aria-label={`Show changes, ${files} files`}
        className="target flex h-[26px] shrink-0 items-center justify-center gap-1.5 rounded-control border border-line bg-card px-2 text-control transition-colors hover:bg-hover"
      >
        <FileDiff size={14} strokeWidth={1.75} className="text-second" aria-hidden />
        {files > 0 && <span aria-hidden>{files}</span>}
      </button>
    </Tooltip>
  );
}
