import { useMutation } from '@apollo/client/react';
import { type FormEvent, useState } from 'react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';

const RenameProjectMutation = graphql(`
  mutation RenameProject($input: UpdateProjectInput!) {
    updateProject(input: $input) {
      __typename
      ... on Project {
        id
        name
        updatedAt
      }
      ... on UserError {
        message
      }
    }
  }
`);

interface RenameProjectDialogProps {
  project: { id: string; name: string };
  isOpen: boolean;
  onClose(): void;
}

export function RenameProjectDialog({ project, isOpen, onClose }: RenameProjectDialogProps) {
  return (
    <Dialog isOpen={isOpen} title="Rename project" onClose={onClose}>
      <RenameForm project={project} onDone={onClose} />
    </Dialog>
  );
}

function RenameForm({ project, onDone }: { project: { id: string; name: string }; onDone(): void }) {
  const [name, setName] = useState(project.name);
  const [problem, setProblem] = useState<string | null>(null);
  const [rename, { loading }] = useMutation(RenameProjectMutation);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === project.name) return onDone();
    try {
      const { data } = await rename({ variables: { input: { id: project.id, name } } });
      const refused = problemIn(data?.updateProject);
      if (!refused) return onDone();
      setProblem(refused.message);
    } catch (error) {
      setProblem(explainError(error));
    }
  };

  return (
    <form onSubmit={onSubmit} noValidate>
      <Field
        label="Name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
        maxLength={100}
        problem={problem}
      />
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={loading}>
          Rename
        </Button>
      </div>
    </form>
  );
}
