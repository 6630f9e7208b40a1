import type { FragmentType } from '@apollo/client';
import { useFragment, useMutation } from '@apollo/client/react';
import { CircleAlert, LoaderCircle } from 'lucide-react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { ProjectPreparation_ProjectFragment } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { useToast } from '../ui/Toast.tsx';

export const ProjectPreparationFragment = graphql(`
  fragment ProjectPreparation_project on Project {
    id
    status
    statusMessage
    progress
  }
`);

const RetryProjectMutation = graphql(`
  mutation RetryProject($id: ID!) {
    retryProject(id: $id) {
      __typename
      ... on Project {
        id
        ...ProjectPreparation_project
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** A strip that tells how far the repository is; nothing once it is there. */
export function ProjectPreparation({ project }: { project: FragmentType<ProjectPreparation_ProjectFragment> }) {
  const { data, complete } = useFragment({ fragment: ProjectPreparationFragment, from: project });
  const toast = useToast();
  const [retry, { loading }] = useMutation(RetryProjectMutation);
  if (!complete || data.status === 'READY') return null;

  const onRetry = async () => {
    try {
      const { data: answer } = await retry({ variables: { id: data.id } });
      const problem = problemIn(answer?.retryProject);
      if (problem) toast({ text: problem.message, isProblem: true });
    } catch (error) {
      toast({ text: explainError(error), isProblem: true });
    }
  };

  if (data.status === 'FAILED') {
    return (
      <div
        role="alert"
        className="flex items-center gap-2.5 border-del-line border-b bg-del-wash px-5 py-2 text-control"
      >
        <CircleAlert size={16} strokeWidth={1.75} className="shrink-0 text-del" aria-hidden />
        <p className="min-w-0 flex-1">
          <strong className="font-semibold">The repository could not be prepared.</strong> {data.statusMessage}
        </p>
        <Button isBusy={loading} onClick={onRetry}>
          Try again
        </Button>
      </div>
    );
  }
  const percent = data.progress === null ? null : Math.round(data.progress * 100);
  return (
    <div
      role="status"
      className="relative flex items-center gap-2.5 border-line border-b bg-panel px-5 py-2 text-control text-second"
    >
      <LoaderCircle size={14} strokeWidth={1.75} className="turns shrink-0 text-accent" aria-hidden />
      <p className="min-w-0 flex-1 truncate">
        {data.statusMessage ?? 'Preparing the repository.'} You can write already; the agent starts when it is there.
      </p>
      {percent !== null && <span>{percent} %</span>}
      {percent !== null && (
        <span aria-hidden className="absolute bottom-0 left-0 h-0.5 bg-accent" style={{ width: `${percent}%` }} />
      )}
    </div>
  );
}
