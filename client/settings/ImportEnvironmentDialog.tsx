import { type FormEvent, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { useEnvironment } from './useEnvironment.ts';

type Outcome = Awaited<ReturnType<ReturnType<typeof useEnvironment>['importText']>>;

export function ImportEnvironmentDialog({ projectId, onClose }: { projectId: string; onClose(): void }) {
  const { importText, isBusy } = useEnvironment(projectId);
  const [text, setText] = useState('');
  const [isSecret, setSecret] = useState(true);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await importText(text, isSecret);
    if ('variables' in result && result.refusedLines.length === 0) onClose();
    else setOutcome(result);
  };

  return (
    <Dialog
      isOpen
      isWide
      title="Paste a .env file"
      description="One NAME=value a line. Variables that are there already get the new value."
      onClose={onClose}
    >
      <form onSubmit={(event) => void onSubmit(event)} className="grid gap-4">
        <TextArea
          label="Lines"
          isCode
          rows={9}
          placeholder={'DATABASE_URL=postgres://localhost/shop\nAPI_KEY="…"'}
          value={text}
          problem={outcome && 'message' in outcome ? outcome.message : null}
          onChange={(event) => setText(event.target.value)}
        />
        <Checkbox
          label="All of them are secret"
          checked={isSecret}
          onChange={(event) => setSecret(event.target.checked)}
        />
        {outcome && 'variables' in outcome && (
          <div role="alert" className="rounded-control border border-warn-line bg-warn-wash p-3 text-control">
            <p>
              {outcome.variables.length === 1 ? '1 variable was set' : `${outcome.variables.length} variables were set`}
              . These lines were refused:
            </p>
            <ul className="mt-1.5 grid gap-1">
              {outcome.refusedLines.map(({ line, name, reason }) => (
                <li key={line}>
                  Line {line}
                  {name && <code className="font-mono text-code"> {name}</code>}: {reason}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{outcome && 'variables' in outcome ? 'Close' : 'Cancel'}</Button>
          <Button type="submit" look="primary" isBusy={isBusy} disabled={text.trim() === ''}>
            Set variables
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
