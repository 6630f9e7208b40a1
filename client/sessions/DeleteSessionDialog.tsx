import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { Checkbox } from '../ui/Checkbox.tsx';
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
  const [deleteBranch, setDeleteBranch] = useState(false);

  const onConfirm = () => {
    const wasOpen = chatSessionId === session.id;
    const reopen = () => wasOpen && navigate(`/projects/${projectId}/chats/${session.id}`);
    onClose();
    if (wasOpen) navigate(`/projects/${projectId}/chats`);
    void remove(session, deleteBranch, reopen);
  };

  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={`Delete “${session.title}”?`}
      description="It goes to the trash, with its messages and its files. What runs in it is stopped. You can restore it from there."
      action="Delete chat"
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <Checkbox
        label="Delete its branch, too, when the trash is emptied"
        hint="Otherwise the commits stay in the repository of the project."
        checked={deleteBranch}
        onChange={(event) => setDeleteBranch(event.target.checked)}
      />
    </ConfirmDialog>
  );
}
