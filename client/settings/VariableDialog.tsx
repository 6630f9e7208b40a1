import { type FormEvent, useState } from 'react';
import type { UserProblem } from '../apollo/explain-error.ts';
import type { EnvironmentScope, EnvironmentVariable_VariableFragment } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, Problem } from '../ui/Field.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { useEnvironment } from './useEnvironment.ts';

const scopes: { scope: EnvironmentScope; label: string }[] = [
  { scope: 'AGENT', label: 'The agent and its commands' },
  { scope: 'SETUP', label: 'The setup script' },
  { scope: 'PREVIEW', label: 'The preview' },
];

interface VariableDialogProps {
  projectId: string;
  /** The one to change; null for a new one. */
  variable: EnvironmentVariable_VariableFragment | null;
  onClose(): void;
}

export function VariableDialog({ projectId, variable, onClose }: VariableDialogProps) {
  const { set, isBusy } = useEnvironment(projectId);
  const [name, setName] = useState(variable?.name ?? '');
  const [value, setValue] = useState(variable?.value ?? '');
  const [isSecret, setSecret] = useState(variable?.isSecret ?? true);
  const [chosen, setChosen] = useState<readonly EnvironmentScope[]>(
    variable?.scopes ?? scopes.map(({ scope }) => scope),
  );
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const keepsSecret = variable?.isSecret === true && isSecret;
  const about = (field: string) => (problem?.field === field ? problem.message : null);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    const found = await set({
      name: name.trim(),
      isSecret,
      scopes: [...chosen],
      // A secret that is not typed anew stays what it is.
      ...(keepsSecret && value === '' ? {} : { value }),
    });
    setProblem(found);
    if (!found) onClose();
  };

  return (
    <Dialog isOpen title={variable ? `Edit ${variable.name}` : 'Add a variable'} onClose={onClose}>
      <form onSubmit={(event) => void onSubmit(event)} className="grid gap-4">
        {!variable && (
          <Field
            label="Name"
            isCode
            placeholder="DATABASE_URL"
            value={name}
            problem={about('name')}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <TextArea
          label="Value"
          isCode
          rows={3}
          value={value}
          placeholder={keepsSecret ? 'Leave empty to keep the secret as it is' : ''}
          problem={about('value')}
          onChange={(event) => setValue(event.target.value)}
        />
        <Checkbox
          label="Secret"
          hint="It can be used and replaced, and never be read again. In output it is shown as ***."
          checked={isSecret}
          onChange={(event) => setSecret(event.target.checked)}
        />
        <fieldset className="grid gap-2">
          <legend className="mb-1.5 text-control font-medium">Who gets it</legend>
          {scopes.map(({ scope, label }) => (
            <Checkbox
              key={scope}
              label={label}
              checked={chosen.includes(scope)}
              onChange={(event) =>
                setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
              }
            />
          ))}
        </fieldset>
        {problem && !about('name') && !about('value') && <Problem text={problem.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={isBusy}>
            Save variable
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
