import { useQuery } from '@apollo/client/react';
import { ArchiveRestore } from 'lucide-react';
import { useState } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
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
        }
      }
    }
  }
`);

interface SessionTrashProps {
  projectId: string;
  isOpen: boolean;
  onClose(): void;
}

/** The deleted chats of a project, which can be brought back. */
export function SessionTrash({ projectId, isOpen, onClose }: SessionTrashProps) {
  return (
    <Dialog isOpen={isOpen} isWide title="Trash" description="Deleted chats wait here for 30 days." onClose={onClose}>
      <TrashList projectId={projectId} />
    </Dialog>
  );
}

function TrashList({ projectId }: { projectId: string }) {
  const { data, error } = useQuery(SessionTrashQuery, { variables: { projectId }, fetchPolicy: 'cache-and-network' });
  const { restore } = useTrash();
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
  return (
    <ul className="divide-y divide-line rounded-card border border-line">
      {sessions.map(({ id, title, deletedAt }) => (
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
        </li>
      ))}
    </ul>
  );
}
