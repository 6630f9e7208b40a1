import { useNavigate } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { useChangeSession } from './useChangeSession.ts';
import { useTrash } from './useTrash.ts';

interface ClosedNoticeProps {
  session: { id: string; status: string; isDeleted: boolean };
  projectId: string;
}

/** Why nothing can be said in a session, and the button that changes it. */
export function ClosedNotice({ session, projectId }: ClosedNoticeProps) {
  const { id, status, isDeleted } = session;
  const { reopen } = useChangeSession(id);
  const { restore } = useTrash();
  const navigate = useNavigate();
  const isArchived = status === 'ARCHIVED';
  const onRestore = async () => {
    if (await restore(id)) navigate(`/projects/${projectId}/chats/${id}`);
  };
  return (
    <div className="flex items-center justify-between gap-3 rounded-composer border border-line bg-panel py-2.5 pr-3 pl-4">
      <p className="text-control text-second">
        {isDeleted
          ? 'This chat is in the trash.'
          : isArchived
            ? 'This chat is archived. Its files come back as they were when you unarchive it.'
            : 'This chat is completed.'}
      </p>
      {isDeleted ? (
        <Button onClick={() => void onRestore()}>Restore</Button>
      ) : (
        <Button onClick={() => void reopen()}>{isArchived ? 'Unarchive' : 'Reopen'}</Button>
      )}
    </div>
  );
}
