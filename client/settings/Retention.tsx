import { useMutation, useQuery } from '@apollo/client/react';
import { type FormEvent, useState } from 'react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { useToast } from '../ui/Toast.tsx';
import { SettingsSection } from './SettingsSection.tsx';

const RetentionQuery = graphql(`
  query Retention($projectId: ID!) {
    project(id: $projectId) {
      id
      retentionDays
    }
  }
`);

const SetRetentionMutation = graphql(`
  mutation SetRetention($projectId: ID!, $retentionDays: Int) {
    updateProject(input: { id: $projectId, retentionDays: $retentionDays }) {
      __typename
      ... on Project {
        id
        retentionDays
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** How long archived chats are kept. */
export function Retention({ projectId }: { projectId: string }) {
  const { data } = useQuery(RetentionQuery, { variables: { projectId } });
  const [save, { loading }] = useMutation(SetRetentionMutation);
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const toast = useToast();
  const days = typed ?? data?.project?.retentionDays?.toString() ?? '';

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (!/^\d{0,5}$/.test(days.trim())) return setProblem('A whole number of days, or nothing.');
    const retentionDays = days.trim() === '' ? null : Number(days);
    try {
      const answer = await save({ variables: { projectId, retentionDays } });
      const found = problemIn(answer.data?.updateProject);
      setProblem(found?.message ?? null);
      if (!found) toast({ text: 'Saved.' });
    } catch (error) {
      setProblem(explainError(error));
    }
  };

  return (
    <SettingsSection
      title="Archived chats"
      text="An archived chat gives its disk space back; what it had comes back when it is unarchived. After so many days without activity it can go to the trash by itself."
    >
      <form onSubmit={(event) => void onSubmit(event)} className="flex flex-wrap items-end gap-3 pt-2">
        <Field
          label="Days until an archived chat goes to the trash"
          hint="0 is never. Empty takes the setting of the server."
          inputMode="numeric"
          className="w-80 max-w-full"
          value={days}
          problem={problem}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" look="primary" isBusy={loading} className="mb-[22px]">
          Save
        </Button>
      </form>
    </SettingsSection>
  );
}
