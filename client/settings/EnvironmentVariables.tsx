import { useQuery } from '@apollo/client/react';
import { ClipboardPaste, Ellipsis, KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { EnvironmentVariable_VariableFragment } from '../gql/graphql.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Menu } from '../ui/Menu.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { ImportEnvironmentDialog } from './ImportEnvironmentDialog.tsx';
import { SettingsSection } from './SettingsSection.tsx';
import { useEnvironment } from './useEnvironment.ts';
import { VariableDialog } from './VariableDialog.tsx';

const EnvironmentQuery = graphql(`
  query ProjectEnvironment($projectId: ID!) {
    project(id: $projectId) {
      id
      environmentVariables {
        id
        ...EnvironmentVariable_variable @unmask
      }
    }
  }
`);

type Variable = EnvironmentVariable_VariableFragment;
type Doing = { what: 'set'; variable: Variable | null } | { what: 'delete'; variable: Variable } | { what: 'import' };

/** What a project gives the programs of its workspaces. */
export function EnvironmentVariables({ projectId }: { projectId: string }) {
  const { data, error, refetch } = useQuery(EnvironmentQuery, { variables: { projectId } });
  const [doing, setDoing] = useState<Doing | null>(null);
  const { remove, isBusy } = useEnvironment(projectId);
  const variables = data?.project?.environmentVariables;
  const close = () => setDoing(null);

  return (
    <SettingsSection
      title="Environment variables"
      text="Given to the agent, to the setup script and to the preview of every chat. Values are kept encrypted; a secret can be used and replaced, and never be read again."
      actions={
        <>
          <Button
            icon={<ClipboardPaste size={14} strokeWidth={1.75} aria-hidden />}
            onClick={() => setDoing({ what: 'import' })}
          >
            Paste a .env file
          </Button>
          <Button
            icon={<Plus size={14} strokeWidth={1.75} aria-hidden />}
            onClick={() => setDoing({ what: 'set', variable: null })}
          >
            Add variable
          </Button>
        </>
      }
    >
      {!variables && error && (
        <p className="flex items-center gap-3 py-3 text-control text-second">
          {explainError(error)} <Button onClick={() => void refetch()}>Try again</Button>
        </p>
      )}
      {!variables && !error && (
        <div role="status" aria-label="Loading the variables" className="grid gap-2 py-3">
          <Skeleton className="h-5" />
          <Skeleton className="h-5 w-2/3" />
        </div>
      )}
      {variables?.length === 0 && (
        <p className="py-3 text-control text-third">No variables yet. Programs get PATH, HOME, LANG and TMPDIR.</p>
      )}
      {variables && variables.length > 0 && (
        <ul className="divide-y divide-line">
          {variables.map((variable) => (
            <li key={variable.id} className="flex items-center gap-3 py-2">
              <span className="min-w-0 flex-1 truncate font-mono text-code font-medium" title={variable.name}>
                {variable.name}
              </span>
              <span className="min-w-0 flex-1 truncate font-mono text-code text-second">
                {variable.isSecret ? (
                  <span className="flex items-center gap-1.5 text-third">
                    <KeyRound size={12} strokeWidth={1.75} aria-hidden /> secret
                  </span>
                ) : (
                  (variable.value ?? <span className="text-del">cannot be read: its key is lost</span>)
                )}
              </span>
              <span className="shrink-0 text-meta text-third max-sm:hidden">{scopeWords(variable.scopes)}</span>
              <Menu
                align="end"
                entries={[
                  { label: 'Edit', onSelect: () => setDoing({ what: 'set', variable }) },
                  { label: 'Delete', isDanger: true, onSelect: () => setDoing({ what: 'delete', variable }) },
                ]}
              >
                {(trigger) => (
                  <IconButton {...trigger} label={`Menu of ${variable.name}`}>
                    <Ellipsis size={16} strokeWidth={1.75} aria-hidden />
                  </IconButton>
                )}
              </Menu>
            </li>
          ))}
        </ul>
      )}
      {doing?.what === 'set' && <VariableDialog projectId={projectId} variable={doing.variable} onClose={close} />}
      {doing?.what === 'import' && <ImportEnvironmentDialog projectId={projectId} onClose={close} />}
      <ConfirmDialog
        isOpen={doing?.what === 'delete'}
        title={doing?.what === 'delete' ? `Delete ${doing.variable.name}?` : ''}
        description="Programs that start from now on do not get it. Its value cannot be brought back."
        action="Delete variable"
        isBusy={isBusy}
        onConfirm={async () => {
          if (doing?.what === 'delete' && (await remove(doing.variable.name))) close();
        }}
        onClose={close}
      />
    </SettingsSection>
  );
}

const words = { AGENT: 'agent', SETUP: 'setup', PREVIEW: 'preview' };

function scopeWords(scopes: Variable['scopes']): string {
  return scopes.length === Object.keys(words).length ? 'everywhere' : scopes.map((scope) => words[scope]).join(', ');
}
