import { useMutation, useQuery } from '@apollo/client/react';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { explainError, problemIn, type UserProblem } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { ConfirmDialog, Dialog } from '../ui/Dialog.tsx';
import { Field, Problem } from '../ui/Field.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Skeleton } from '../ui/Skeleton.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { useToast } from '../ui/Toast.tsx';
import { SettingsSection } from './SettingsSection.tsx';

const ProjectFilesQuery = graphql(`
  query ProjectFiles($projectId: ID!) {
    project(id: $projectId) {
      id
      files {
        id
        path
        size
        isSecret
      }
    }
  }
`);

const SetProjectFileMutation = graphql(`
  mutation SetProjectFile($input: SetProjectFileInput!) {
    setProjectFile(input: $input) {
      __typename
      ... on ProjectFile {
        id
        path
        size
        isSecret
      }
      ... on UserError {
        message
      }
      ... on InvalidInput {
        field
      }
    }
  }
`);

const DeleteProjectFileMutation = graphql(`
  mutation DeleteProjectFile($projectId: ID!, $path: String!) {
    deleteProjectFile(projectId: $projectId, path: $path) {
      __typename
      ... on DeleteProjectFileSuccess {
        path
      }
      ... on UserError {
        message
      }
    }
  }
`);

const again = { refetchQueries: ['ProjectFiles'], awaitRefetchQueries: true };

/** Files that are not in the repository and that every new workspace gets. */
export function ProjectFiles({ projectId }: { projectId: string }) {
  const { data, error, refetch } = useQuery(ProjectFilesQuery, { variables: { projectId } });
  const [remove, { loading }] = useMutation(DeleteProjectFileMutation, again);
  const [isAdding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<string | null>(null);
  const toast = useToast();
  const files = data?.project?.files;

  const onDelete = async () => {
    if (!deleting) return;
    try {
      const answer = await remove({ variables: { projectId, path: deleting } });
      const problem = problemIn(answer.data?.deleteProjectFile);
      if (problem) toast({ text: problem.message, isProblem: true });
      else setDeleting(null);
    } catch (cause) {
      toast({ text: `Nothing was deleted. ${explainError(cause)}`, isProblem: true });
    }
  };

  return (
    <SettingsSection
      title="Files for new chats"
      text="Written into each new workspace, such as a .env file. They never replace a file of the repository and are never committed. Kept encrypted."
      actions={
        <Button icon={<Plus size={14} strokeWidth={1.75} aria-hidden />} onClick={() => setAdding(true)}>
          Add file
        </Button>
      }
    >
      {!files && error && (
        <p className="flex items-center gap-3 py-3 text-control text-second">
          {explainError(error)} <Button onClick={() => void refetch()}>Try again</Button>
        </p>
      )}
      {!files && !error && <Skeleton className="my-3 h-5" />}
      {files?.length === 0 && <p className="py-3 text-control text-third">No files yet.</p>}
      {files && files.length > 0 && (
        <ul className="divide-y divide-line">
          {files.map(({ id, path, size, isSecret }) => (
            <li key={id} className="flex items-center gap-3 py-2">
              <span className="min-w-0 flex-1 truncate font-mono text-code font-medium">{path}</span>
              {isSecret && (
                <span className="flex items-center gap-1.5 font-mono text-code text-third">
                  <KeyRound size={12} strokeWidth={1.75} aria-hidden /> secret
                </span>
              )}
              <span className="text-meta text-third tabular-nums">{formatBytes(size)}</span>
              <IconButton label={`Delete ${path}`} onClick={() => setDeleting(path)}>
                <Trash2 size={14} strokeWidth={1.75} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      {isAdding && <FileDialog projectId={projectId} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        isOpen={deleting !== null}
        title={`Delete ${deleting}?`}
        description="Chats made from now on do not get it. Those that are there keep theirs."
        action="Delete file"
        isBusy={loading}
        onConfirm={() => void onDelete()}
        onClose={() => setDeleting(null)}
      />
    </SettingsSection>
  );
}

function FileDialog({ projectId, onClose }: { projectId: string; onClose(): void }) {
  const [save, { loading }] = useMutation(SetProjectFileMutation, again);
  const [path, setPath] = useState('');
  const [content, setContent] = useState('');
  const [isSecret, setSecret] = useState(true);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const about = (field: string) => (problem?.field === field ? problem.message : null);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const { data } = await save({ variables: { input: { projectId, path: path.trim(), content, isSecret } } });
      const found = problemIn(data?.setProjectFile);
      setProblem(found);
      if (!found) onClose();
    } catch (error) {
      setProblem({ field: null, message: explainError(error) });
    }
  };

  return (
    <Dialog isOpen isWide title="Add a file" description="A file of the same path is replaced." onClose={onClose}>
      <form onSubmit={(event) => void onSubmit(event)} className="grid gap-4">
        <Field
          label="Path in the workspace"
          isCode
          placeholder=".env"
          value={path}
          problem={about('path')}
          onChange={(event) => setPath(event.target.value)}
        />
        <TextArea
          label="Content"
          isCode
          rows={8}
          value={content}
          problem={about('content')}
          onChange={(event) => setContent(event.target.value)}
        />
        <Checkbox
          label="Secret"
          hint="It can be used and replaced, and never be read again here."
          checked={isSecret}
          onChange={(event) => setSecret(event.target.checked)}
        />
        {problem && !about('path') && !about('content') && <Problem text={problem.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={loading}>
            Save file
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
