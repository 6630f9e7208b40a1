import type { FragmentType } from '@apollo/client';
import { useFragment } from '@apollo/client/react';
import { Ellipsis, GitBranch } from 'lucide-react';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { graphql } from '../gql/gql.ts';
import type { SessionItem_SessionFragment } from '../gql/graphql.ts';
import { IconButton } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';
import { ContextMenu, Menu } from '../ui/Menu.tsx';
import { RelativeTime } from '../ui/RelativeTime.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { DeleteSessionDialog } from './DeleteSessionDialog.tsx';
import { RenameSession } from './RenameSession.tsx';
import { SessionState } from './SessionState.tsx';
import { SyncMark } from './SyncMark.tsx';
import { useSessionMenu } from './useSessionMenu.tsx';

export const SessionItemFragment = graphql(`
  fragment SessionItem_session on ChatSession {
    id
    title
    branch
    status
    deletedAt
    messageCount
    unreadCount
    lastActivityAt
    latestRun {
      id
      status
    }
    workspace {
      status
    }
    ...SyncMark_session
  }
`);

interface SessionItemProps {
  session: FragmentType<SessionItem_SessionFragment>;
  projectId: string;
  isActive: boolean;
}

/** One chat of the sidebar. */
export function SessionItem({ session, projectId, isActive }: SessionItemProps) {
  const { data, complete } = useFragment({
    fragment: SessionItemFragment,
    fragmentName: 'SessionItem_session',
    from: session,
  });
  const link = useRef<HTMLAnchorElement>(null);
  const [doing, setDoing] = useState<'rename' | 'delete' | null>(null);
  const entries = useSessionMenu(complete ? data : null, setDoing);
  if (!complete) return null;

  const { id, title, branch, messageCount, unreadCount, lastActivityAt, latestRun, workspace } = data;

  if (doing === 'rename') {
    return (
      <li>
        <RenameSession
          id={id}
          title={title}
          onDone={() => {
            setDoing(null);
            requestAnimationFrame(() => link.current?.focus());
          }}
        />
      </li>
    );
  }
  return (
    <li>
      <ContextMenu entries={entries}>
        <div
          className={classNames(
            'group relative grid grid-cols-[1.5rem_1fr_auto] items-center gap-x-0.5 rounded-[8px] border py-1.5 pr-2.5 transition-colors',
            isActive ? 'border-line bg-card' : 'border-transparent hover:bg-hover',
          )}
        >
          <span className="flex h-5 items-center justify-center">
            <SessionState run={latestRun?.status} workspace={workspace.status} hasUnread={unreadCount > 0} />
          </span>
          <Link
            ref={link}
            to={`/projects/${projectId}/chats/${id}`}
            data-chat={id}
            aria-current={isActive ? 'page' : undefined}
            className={classNames(
              'truncate text-read leading-5 before:absolute before:inset-0 before:rounded-[8px] focus-visible:outline-none focus-visible:before:outline-2 focus-visible:before:outline-accent',
              (isActive || unreadCount > 0) && 'font-semibold',
            )}
          >
            {title}
          </Link>
          <RelativeTime
            date={lastActivityAt}
            className="justify-self-end text-meta text-third group-focus-within:invisible group-hover:invisible pointer-coarse:visible!"
          />
          <span className="col-start-2 flex min-w-0 items-center gap-1.5">
            <Tooltip text={branch}>
              <span className="relative flex min-w-0 items-center gap-1 text-third">
                <GitBranch size={12} strokeWidth={1.75} className="shrink-0" aria-hidden />
                <span className="sr-only">Branch </span>
                <span className="truncate font-mono text-[11px] leading-4">{id}</span>
              </span>
            </Tooltip>
            <SyncMark chatSessionId={id} className="text-[11px] leading-4" />
          </span>
          <Count total={messageCount} unread={unreadCount} />
          <Menu entries={entries} align="end">
            {(trigger) => (
              <IconButton
                {...trigger}
                label={`Menu of ${title}`}
                className="!absolute top-0.5 right-1 !size-6 !min-h-0 !min-w-0 opacity-0 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[open=true]:opacity-100 pointer-coarse:hidden"
              >
                <Ellipsis size={16} strokeWidth={1.75} aria-hidden />
              </IconButton>
            )}
          </Menu>
        </div>
      </ContextMenu>
      <DeleteSessionDialog
        session={{ id, title }}
        projectId={projectId}
        isOpen={doing === 'delete'}
        onClose={() => setDoing(null)}
      />
    </li>
  );
}

function Count({ total, unread }: { total: number; unread: number }) {
  if (unread > 0) {
    return (
      <span className="flex h-[17px] min-w-[18px] items-center justify-center justify-self-end rounded-full bg-accent px-1.5 tabular-nums text-[11px] font-semibold text-on-accent">
        {unread > 99 ? '99+' : unread}
        <span className="sr-only"> unread</span>
      </span>
    );
  }
  if (total === 0) return <span />;
  return (
    <span className="justify-self-end text-meta text-third tabular-nums">
      {total}
      <span className="sr-only">{total === 1 ? ' message' : ' messages'}</span>
    </span>
  );
}
