import { useFragment } from '@apollo/client/react';
import { ArrowLeft, FileDiff, PanelLeft } from 'lucide-react';
import { useState } from 'react';
import { Link, useOutletContext, useParams } from 'react-router';
import { graphql } from '../gql/gql.ts';
import { ChangesPanel } from '../messages/ChangesPanel.tsx';
import { Conversation } from '../messages/Conversation.tsx';
import { useSessionCommits } from '../messages/useSessionCommits.ts';
import { ClosedNotice } from '../sessions/ClosedNotice.tsx';
import { useSelectSession } from '../sessions/useSelectSession.ts';
import { IconButton } from '../ui/Button.tsx';
import { Drawer } from '../ui/Dialog.tsx';
import { ResizeHandle } from '../ui/ResizeHandle.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { useMedia } from '../ui/useMedia.ts';
import { usePageTitle } from '../ui/usePageTitle.ts';
import { useStored } from '../ui/useStored.ts';
import { NotFound } from './NotFoundPage.tsx';
import type { ProjectOutlet } from './ProjectPage.tsx';

export function ChatPage() {
  const { chatSessionId = '' } = useParams();
  return <Chat key={chatSessionId} chatSessionId={chatSessionId} />;
}

const ChatPageFragment = graphql(`
  fragment ChatPage_session on ChatSession {
    title
  }
`);

function Chat({ chatSessionId }: { chatSessionId: string }) {
  const { projectId, openSidebar } = useOutletContext<ProjectOutlet>();
  const hasRoom = useMedia('(min-width: 1200px)');
  const [docked, setDocked] = useStored('kosuke.changes', 'open');
  const [isOver, setOver] = useState(false);
  const [storedWidth, storeWidth] = useStored('kosuke.changes-width', '380');
  useSelectSession(chatSessionId);
  const { data } = useFragment({
    fragment: ChatPageFragment,
    from: { __typename: 'ChatSession' as const, id: chatSessionId },
  });
  usePageTitle(data.title);

  const isDocked = hasRoom && docked === 'open';
  const toggle = () => (hasRoom ? setDocked(isDocked ? 'closed' : 'open') : setOver(true));
  const width = Number(storedWidth) || 380;
  return (
    <div className="flex h-full min-h-0">
      <div className="min-w-0 flex-1">
        <Conversation
          chatSessionId={chatSessionId}
          leading={<WayToChats projectId={projectId} openSidebar={openSidebar} />}
          trailing={!isDocked && <ChangesButton chatSessionId={chatSessionId} onClick={toggle} />}
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
            max={640}
            onChange={(next) => storeWidth(String(next))}
          />
          <div style={{ width }} className="shrink-0">
            <ChangesPanel chatSessionId={chatSessionId} onClose={toggle} />
          </div>
        </>
      )}
      <Drawer isOpen={isOver && !hasRoom} title="Changes" side="right" onClose={() => setOver(false)}>
        <ChangesPanel chatSessionId={chatSessionId} onClose={() => setOver(false)} />
      </Drawer>
    </div>
  );
}

function WayToChats({ projectId, openSidebar }: { projectId: string; openSidebar: (() => void) | null }) {
  if (openSidebar) {
    return (
      <IconButton label="Show chats" onClick={openSidebar}>
        <PanelLeft size={16} strokeWidth={1.75} aria-hidden />
      </IconButton>
    );
  }
  return (
    <Link
      to={`/projects/${projectId}/chats`}
      aria-label="Back to chats"
      className="flex size-11 shrink-0 items-center justify-center rounded-control text-second hover:bg-hover sm:hidden"
    >
      <ArrowLeft size={18} strokeWidth={1.75} aria-hidden />
    </Link>
  );
}

function ChangesButton({ chatSessionId, onClick }: { chatSessionId: string; onClick(): void }) {
  const { files } = useSessionCommits(chatSessionId);
  return (
    <Tooltip text="Show changes">
      <button
        type="button"
        onClick={onClick}
        aria-label={`Show changes, ${files.length} files`}
        className="target flex h-[26px] shrink-0 items-center justify-center gap-1.5 rounded-control border border-line bg-card px-2 text-control transition-colors hover:bg-hover"
      >
        <FileDiff size={14} strokeWidth={1.75} className="text-second" aria-hidden />
        {files.length > 0 && <span aria-hidden>{files.length}</span>}
      </button>
    </Tooltip>
  );
}
