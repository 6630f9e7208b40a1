import { useMutation, useQuery } from '@apollo/client/react';
import { type FormEvent, useState } from 'react';
import { explainError, problemIn, type UserProblem } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { ProjectSetup_SetupFragment } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { Field, Problem } from '../ui/Field.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { useToast } from '../ui/Toast.tsx';
import { SettingsSection } from './SettingsSection.tsx';

graphql(`
  fragment ProjectSetup_setup on ProjectSetup {
    script
    runsRepositoryScript
    timeoutSeconds
    copiedFiles
    cachedFolders
  }
`);

const ProjectSetupQuery = graphql(`
  query ProjectSetupSettings($projectId: ID!) {
    project(id: $projectId) {
      id
      sourceKind
      setup {
        ...ProjectSetup_setup @unmask
      }
    }
  }
`);

const UpdateProjectSetupMutation = graphql(`
  mutation UpdateProjectSetup($input: UpdateProjectSetupInput!) {
    updateProjectSetup(input: $input) {
      __typename
      ... on ProjectSetup {
        ...ProjectSetup_setup @unmask
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

/** How new workspaces of a project are set up. */
export function SetupSettings({ projectId }: { projectId: string }) {
  const { data, error, refetch } = useQuery(ProjectSetupQuery, { variables: { projectId } });
  const project = data?.project;
  return (
    <SettingsSection
      title="Setup"
      text="Runs once in the sandbox of each new chat, before its agent begins. If it fails, the chat says so, and you can talk to the agent all the same."
    >
      {project ? (
        <SetupForm
          projectId={projectId}
          setup={project.setup}
          isLocal={project.sourceKind === 'LOCAL_PATH'}
          onSaved={() => void refetch().catch(() => undefined)}
        />
      ) : error ? (
        <p className="flex items-center gap-3 py-3 text-control text-second">
          {explainError(error)} <Button onClick={() => void refetch()}>Try again</Button>
        </p>
      ) : (
        <div role="status" aria-label="Loading the setup" className="py-3">
          <Skeleton className="h-24" />
        </div>
      )}
    </SettingsSection>
  );
}

interface SetupFormProps {
  projectId: string;
  setup: ProjectSetup_SetupFragment;
  /** Whether the project was added from a folder of the server, from which files can be copied. */
  isLocal: boolean;
  onSaved(): void;
}

function SetupForm({ projectId, setup, isLocal, onSaved }: SetupFormProps) {
  const toast = useToast();
  const [update, { loading }] = useMutation(UpdateProjectSetupMutation);
  const [script, setScript] = useState(setup.script ?? '');
  const [runsRepositoryScript, setRunsRepositoryScript] = useState(setup.runsRepositoryScript);
  const [timeout, setTimeoutText] = useState(String(setup.timeoutSeconds));
  const [copied, setCopied] = useState(setup.copiedFiles.join('\n'));
  const [cached, setCached] = useState(setup.cachedFolders.join('\n'));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const about = (field: string) => (problem?.field === field ? problem.message : null);
  const isElsewhere =
    problem && !['script', 'timeoutSeconds', 'copiedFiles', 'cachedFolders'].includes(problem.field ?? '');

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (!/^\d{1,6}$/.test(timeout.trim())) {
      setProblem({ field: 'timeoutSeconds', message: 'A whole number of seconds.' });
      return;
    }
    const changed = {
      script,
      runsRepositoryScript,
      timeoutSeconds: Number(timeout),
      cachedFolders: lines(cached),
      // Only the owner may change them, so they are left out unless they were.
      ...(copied === setup.copiedFiles.join('\n') ? {} : { copiedFiles: lines(copied) }),
    };
    try {
      const answer = await update({ variables: { input: { projectId, ...changed } } });
      const found = problemIn(answer.data?.updateProjectSetup);
      setProblem(found);
      if (found) return;
      toast({ text: 'Saved. Chats made from now on are set up so.' });
      onSaved();
    } catch (error) {
      setProblem({ field: null, message: explainError(error) });
    }
  };

  return (
    <form onSubmit={(event) => void onSubmit(event)} className="grid gap-4 pt-2">
      <TextArea
        label="Script"
        isCode
        rows={6}
        placeholder={'npm ci --offline'}
        hint="For bash; it ends at the first command that fails. The sandbox has no network."
        value={script}
        problem={about('script')}
        onChange={(event) => setScript(event.target.value)}
      />
      <Checkbox
        label="Without a script here, run .kosuke/setup.sh of the repository"
        hint="Whoever can push to a branch then decides what is run, with the variables for the setup."
        checked={runsRepositoryScript}
        onChange={(event) => setRunsRepositoryScript(event.target.checked)}
      />
      <Field
        label="Time limit in seconds"
        inputMode="numeric"
        className="max-w-44"
        value={timeout}
        problem={about('timeoutSeconds')}
        onChange={(event) => setTimeoutText(event.target.value)}
      />
      {isLocal && (
        <TextArea
          label="Files to copy from the folder of the project"
          isCode
          rows={3}
          placeholder={'.env\nconfig/*.local.json'}
          hint="Paths and patterns, one a line. They never replace a file of the repository."
          value={copied}
          problem={about('copiedFiles')}
          onChange={(event) => setCopied(event.target.value)}
        />
      )}
      <TextArea
        label="Folders with dependencies to keep"
        isCode
        rows={3}
        hint="Names, one a line. What the setup makes in them is ready at once in the next chat with the same lock files."
        value={cached}
        problem={about('cachedFolders')}
        onChange={(event) => setCached(event.target.value)}
      />
      {isElsewhere && <Problem text={problem.message} />}
      <div className="flex justify-end">
        <Button type="submit" look="primary" isBusy={loading}>
          Save setup
        </Button>
      </div>
    </form>
  );
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
