import { useQuery } from '@apollo/client/react';
import { ArchiveRestore, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog, Dialog } from '../ui/Dialog.tsx';
import { RelativeTime } from '../ui/RelativeTime.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { useTrash } from './useTrash.ts';

const SessionTrashQuery = graphql(`
  query SessionTrash($projectId: ID!) {
    project(id: $projectId) {
      id
      sessions(first: 100, filter: { inTrash: true }) {
        nodes {
          id
          title
          branch
          deletedAt
          purgeAt
        }
      }
    }
  }
`);

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

interface SessionTrashProps {
  projectId: string;
  isOpen: boolean;
  onClose(): void;
}

/** The deleted chats of a project, which can be brought back. */
export function SessionTrash({ projectId, isOpen, onClose }: SessionTrashProps) {
  return (
    <Dialog
      isOpen={isOpen}
      isWide
      title="Trash"
      description="Deleted chats wait here until their day has come. Until then they can be restored."
      onClose={onClose}
    >
      <TrashList projectId={projectId} />
    </Dialog>
  );
}

function TrashList({ projectId }: { projectId: string }) {
  const { data, error } = useQuery(SessionTrashQuery, { variables: { projectId }, fetchPolicy: 'cache-and-network' });
  const { restore, purge, empty } = useTrash();
  const [leaving, setLeaving] = useState<{ id: string; title: string } | 'all' | null>(null);
  const [isLeaving, setIsLeaving] = useState(false);
  const [restoring, setRestoring] = useState<string | null>(null);
  const sessions = data?.project?.sessions.nodes.filter(({ deletedAt }) => deletedAt);

  if (!sessions) {
    if (error) return <p className="text-control text-second">{explainError(error)}</p>;
    return (
      <div role="status" aria-label="Loading the trash" className="grid gap-2">
        <Skeleton className="h-11" />
        <Skeleton className="h-11" />
      </div>
    );
  }
  if (sessions.length === 0) return <p className="py-6 text-center text-control text-third">The trash is empty.</p>;

  const onRestore = async (id: string) => {
    setRestoring(id);
    await restore(id);
    setRestoring(null);
  };
  const onLeave = async () => {
    if (!leaving) return;
    setIsLeaving(true);
    const isDone = await (leaving === 'all' ? empty(projectId) : purge(leaving.id));
    setIsLeaving(false);
    if (isDone) setLeaving(null);
  };
  return (
    <div className="grid gap-3">
      <ul className="divide-y divide-line rounded-card border border-line">
        {sessions.map(({ id, title, deletedAt, purgeAt }) => (
          <li key={id} className="flex items-center gap-3 px-3 py-2">
            <div className="min-w-0 flex-1">
              <p className="truncate text-control font-medium">{title}</p>
              <p className="flex gap-2 text-meta text-third">
                <span className="truncate font-mono">{id}</span>
                {deletedAt && (
                  <span className="shrink-0">
                    deleted <RelativeTime date={deletedAt} />
                  </span>
                )}
                {purgeAt && <span className="shrink-0">gone on {day.format(new Date(purgeAt))}</span>}
              </p>
            </div>
            <Button
              icon={<ArchiveRestore size={14} strokeWidth={1.75} aria-hidden />}
              isBusy={restoring === id}
              aria-label={`Restore ${title}`}
              onClick={() => void onRestore(id)}
            >
              Restore
            </Button>
            <IconButton label={`Delete ${title} for good`} onClick={() => setLeaving({ id, title })}>
              <Trash2 size={14} strokeWidth={1.75} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <div className="flex justify-end">
        <Button look="quiet" onClick={() => setLeaving('all')}>
          Empty the trash
        </Button>
      </div>
      <ConfirmDialog
        isOpen={leaving !== null}
        title={leaving === 'all' ? 'Delete all of them for good?' : `Delete “${leaving?.title}” for good?`}
        description="Conversation and files are gone then, and nothing brings them back. Branches stay in the repository, unless you chose otherwise."
        action="Delete for good"
        isBusy={isLeaving}
        onConfirm={() => void onLeave()}
        onClose={() => setLeaving(null)}
      />
    </div>
  );
}
