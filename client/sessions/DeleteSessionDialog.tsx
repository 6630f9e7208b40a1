import { useNavigate, useParams } from 'react-router';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { useTrash } from './useTrash.ts';

interface DeleteSessionDialogProps {
  session: { id: string; title: string };
  projectId: string;
  isOpen: boolean;
  onClose(): void;
}

export function DeleteSessionDialog({ session, projectId, isOpen, onClose }: DeleteSessionDialogProps) {
  const { remove } = useTrash();
  const navigate = useNavigate();
  const { chatSessionId } = useParams();

  const onConfirm = () => {
    const wasOpen = chatSessionId === session.id;
    const reopen = () => wasOpen && navigate(`/projects/${projectId}/chats/${session.id}`);
    onClose();
    if (wasOpen) navigate(`/projects/${projectId}/chats`);
    void remove(session, reopen);
  };

  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={`Delete “${session.title}”?`}
      description="It goes to the trash, with its messages and its branch. What runs in it is stopped. You can restore it from there."
      action="Delete chat"
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}
