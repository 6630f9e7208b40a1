import { MessagesSquare, Plus } from 'lucide-react';
import { Button } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { useCreateSession } from './useCreateSession.ts';

/** The middle of a project while no chat is open. */
export function NoSession({ projectId }: { projectId: string }) {
  const { createSession, isCreating } = useCreateSession(projectId);
  return (
    <CentredMessage
      level={1}
      title="No chat is open"
      icon={<MessagesSquare size={18} strokeWidth={1.75} aria-hidden />}
      actions={
        <Button
          look="primary"
          icon={<Plus size={14} strokeWidth={1.75} aria-hidden />}
          isBusy={isCreating}
          onClick={() => void createSession()}
        >
          New chat
        </Button>
      }
    >
      Open one from the list, or begin a new one. Each works on a branch and in a directory of its own.
    </CentredMessage>
  );
}
