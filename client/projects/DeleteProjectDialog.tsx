import { useMutation } from '@apollo/client/react';
import { useNavigate, useParams } from 'react-router';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { useToast } from '../ui/Toast.tsx';

const DeleteProjectMutation = graphql(`
  mutation DeleteProject($id: ID!) {
    deleteProject(id: $id) {
      __typename
      ... on DeleteProjectSuccess {
        projectId
      }
      ... on UserError {
        message
      }
    }
  }
`);

interface DeleteProjectDialogProps {
  project: { id: string; name: string };
  isOpen: boolean;
  onClose(): void;
}

export function DeleteProjectDialog({ project, isOpen, onClose }: DeleteProjectDialogProps) {
  const toast = useToast();
  const navigate = useNavigate();
  const { projectId } = useParams();
  const [remove, { loading }] = useMutation(DeleteProjectMutation, { refetchQueries: ['ProjectNames'] });

  const onConfirm = async () => {
    try {
      const { data } = await remove({ variables: { id: project.id } });
      const problem = problemIn(data?.deleteProject);
      toast(problem ? { text: problem.message, isProblem: true } : { text: `${project.name} is deleted.` });
      onClose();
      if (!problem && projectId === project.id) navigate('/');
    } catch (error) {
      toast({ text: explainError(error), isProblem: true });
    }
  };

  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={`Delete “${project.name}”?`}
      description="Its chats and their branches on this server go with it, and what runs in them is stopped. The repository it was made from is not touched."
      action="Delete project"
      isBusy={loading}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}
