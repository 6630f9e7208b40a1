import { useQuery } from '@apollo/client/react';
import { ChevronRight, Plus, Search, Settings, Trash2, X } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { NavLink, useNavigate } from 'react-router';
import { graphql } from '../gql/gql.ts';
import type { ChatSessionStatus } from '../gql/graphql.ts';
import { IconButton } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';
import { Kbd } from '../ui/Kbd.tsx';
import { useDebounced } from '../ui/useDebounced.ts';
import { useHotkey } from '../ui/useHotkey.ts';
import { SessionGroup } from './SessionGroup.tsx';
import { SessionTrash } from './SessionTrash.tsx';
import { useCreateSession } from './useCreateSession.ts';
import { useSessionChanges } from './useSessionChanges.ts';

const SessionCountsQuery = graphql(`
  query SessionCounts($projectId: ID!) {
    project(id: $projectId) {
      id
      completed: sessions(first: 1, filter: { status: COMPLETED }) {
        totalCount
      }
      archived: sessions(first: 1, filter: { status: ARCHIVED }) {
        totalCount
      }
      trash: sessions(first: 1, filter: { inTrash: true }) {
        totalCount
      }
    }
  }
`);

interface SessionSidebarProps {
  projectId: string;
  /** The chat that is open. */
  activeId: string | undefined;
}

/** The chats of a project: find, begin, open, move, delete. */
export function SessionSidebar({ projectId, activeId }: SessionSidebarProps) {
  const [typed, setTyped] = useState('');
  const search = useDebounced(typed.trim(), 200);
  const [counts, setCounts] = useState<Partial<Record<ChatSessionStatus, number>>>({});
  const [opened, setOpened] = useState<ChatSessionStatus[]>([]);
  const [isTrashOpen, setTrashOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const { data } = useQuery(SessionCountsQuery, { variables: { projectId }, fetchPolicy: 'cache-and-network' });
  const { createSession, isCreating } = useCreateSession(projectId);
  useSessionChanges(projectId);

  const step = (by: 1 | -1) => {
    const links = [...(list.current?.querySelectorAll<HTMLAnchorElement>('a[data-chat]') ?? [])];
    const at = links.findIndex(({ dataset }) => dataset.chat === activeId);
    const next = links[at < 0 ? 0 : at + by];
    if (!next) return;
    next.scrollIntoView({ block: 'nearest' });
    navigate(`/projects/${projectId}/chats/${next.dataset.chat}`);
  };
  useHotkey('/', () => field.current?.focus());
  useHotkey('c', () => void createSession());
  useHotkey('j', () => step(1));
  useHotkey('k', () => step(-1));

  const totals = {
    ACTIVE: counts.ACTIVE,
    COMPLETED: counts.COMPLETED ?? data?.project?.completed.totalCount,
    ARCHIVED: counts.ARCHIVED ?? data?.project?.archived.totalCount,
  };
  const inTrash = data?.project?.trash.totalCount ?? 0;
  const group = (status: ChatSessionStatus) => (
    <SessionGroup
      projectId={projectId}
      status={status}
      search={search}
      activeId={activeId}
      onCount={(which, count) => setCounts((before) => ({ ...before, [which]: count }))}
    />
  );
  const toggle = (status: ChatSessionStatus) => {
    setOpened((before) => (before.includes(status) ? before.filter((one) => one !== status) : [...before, status]));
    // A closed group no longer counts by itself.
    setCounts(({ [status]: _, ...others }) => others);
  };

  return (
    <nav aria-label="Chats" className="flex h-full min-h-0 flex-col bg-panel">
      <div className="grid gap-1 px-2 pt-2.5">
        <div className="relative">
          <Search
            size={14}
            strokeWidth={1.75}
            className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-third"
            aria-hidden
          />
          <input
            ref={field}
            type="search"
            aria-label="Search chats"
            placeholder="Search chats"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              if (typed) setTyped('');
              else event.currentTarget.blur();
            }}
            className="target peer h-8 w-full rounded-[8px] border border-line bg-card pr-9 pl-8 text-control [&::-webkit-search-cancel-button]:hidden"
          />
          <span className="absolute top-1/2 right-1.5 -translate-y-1/2">
            {typed ? (
              <IconButton label="Clear search" className="!size-6 !min-h-0 !min-w-0" onClick={() => setTyped('')}>
                <X size={14} strokeWidth={1.75} aria-hidden />
              </IconButton>
            ) : (
              <Kbd>/</Kbd>
            )}
          </span>
        </div>
        <button
          type="button"
          onClick={() => void createSession()}
          aria-disabled={isCreating || undefined}
          className="target mt-1 flex h-9 items-center gap-2.5 rounded-[8px] px-2.5 text-control font-medium transition-colors hover:bg-hover"
        >
          <Plus size={15} strokeWidth={1.75} aria-hidden />
          <span className="flex-1 text-left">New chat</span>
          <Kbd>C</Kbd>
        </button>
      </div>

      <div ref={list} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <Heading title={search ? 'Active matches' : 'Active'} count={totals.ACTIVE} />
        {group('ACTIVE')}
        {(['COMPLETED', 'ARCHIVED'] as const).map((status) => {
          if (!search && !totals[status] && !opened.includes(status)) return null;
          const isOpen = search !== '' || opened.includes(status);
          return (
            <section key={status} aria-label={titles[status]}>
              <Heading title={titles[status]} count={totals[status]} isOpen={isOpen} onToggle={() => toggle(status)} />
              {isOpen && group(status)}
            </section>
          );
        })}
      </div>

      <div className="border-line border-t px-2 py-1.5">
        <NavLink
          to={`/projects/${projectId}/settings`}
          className={({ isActive }) => classNames(footer, isActive ? 'bg-hover text-text' : 'text-second')}
        >
          <Settings size={14} strokeWidth={1.75} aria-hidden />
          <span className="flex-1 text-left">Settings</span>
        </NavLink>
        {inTrash > 0 && (
          <button type="button" onClick={() => setTrashOpen(true)} className={classNames(footer, 'text-second')}>
            <Trash2 size={14} strokeWidth={1.75} aria-hidden />
            <span className="flex-1 text-left">Trash</span>
            <span className="text-meta text-third">{inTrash}</span>
          </button>
        )}
      </div>
      <SessionTrash projectId={projectId} isOpen={isTrashOpen} onClose={() => setTrashOpen(false)} />
    </nav>
  );
}

/** A line at the foot of the sidebar. */
const footer =
  'target flex h-8 w-full items-center gap-2.5 rounded-[8px] px-2.5 text-control transition-colors hover:bg-hover hover:text-text';

const titles = { COMPLETED: 'Completed', ARCHIVED: 'Archived' };

interface HeadingProps {
  title: string;
  count: number | undefined;
  isOpen?: boolean;
  onToggle?(): void;
}

function Heading({ title, count, isOpen, onToggle }: HeadingProps) {
  const inner: ReactNode = (
    <>
      <span className="flex-1 text-left">{title}</span>
      <span className="tabular-nums">{count}</span>
      {onToggle && (
        <ChevronRight
          size={12}
          strokeWidth={2}
          className={classNames('transition-transform', isOpen && 'rotate-90')}
          aria-hidden
        />
      )}
    </>
  );
  const look = 'flex w-full items-center gap-1 px-2.5 text-meta font-medium text-second';
  if (!onToggle) return <h2 className={classNames(look, 'pt-3 pb-1.5')}>{inner}</h2>;
  return (
    <h2>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className={classNames(look, 'target mt-2 h-7 rounded-[6px] hover:text-text')}
      >
        {inner}
      </button>
    </h2>
  );
}
