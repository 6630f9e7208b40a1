import { Bot, Check, PencilLine } from 'lucide-react';
import { useState } from 'react';
import type { BaseUpdate_UpdateFragment, ConflictFileKind, ConflictResolution } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';
import { PathName } from '../ui/PathName.tsx';
import { useToast } from '../ui/Toast.tsx';
import { ConflictEditor } from './ConflictEditor.tsx';
import type { useBaseUpdate } from './useBaseUpdate.ts';

interface ConflictsProps {
  chatSessionId: string;
  update: BaseUpdate_UpdateFragment;
  updates: ReturnType<typeof useBaseUpdate>;
  onClose(): void;
}

/** The files in conflict, what each is to be, and the ways on. */
export function Conflicts({ chatSessionId, update, updates, onClose }: ConflictsProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const toast = useToast();
  const { baseBranch, isBusy, resolve, askAgent, complete, abort } = updates;
  const { id, conflicts, unresolvedCount, conflictedCommit, isWithAgent } = update;

  const onComplete = async () => {
    const status = await complete(id);
    if (status !== 'APPLIED') return;
    toast({ text: `This chat has what is new on ${baseBranch}.` });
    onClose();
  };
  const onAsk = async () => {
    if (await askAgent(id)) onClose();
  };
  const onAbort = async () => {
    if (!(await abort(id))) return;
    toast({ text: 'Called off. Everything is as it was before.' });
    onClose();
  };

  return (
    <div className="grid gap-3">
      {conflictedCommit && (
        <p className="text-control text-second">
          At commit {conflictedCommit.number} of {conflictedCommit.count}: “{conflictedCommit.title}”
        </p>
      )}
      <ul className="divide-y divide-line rounded-card border border-line">
        {conflicts.map((file) => (
          <li key={file.path} className="px-3 py-2.5">
            <div className="flex items-center gap-2">
              {file.resolution ? (
                <Check size={14} strokeWidth={2} className="shrink-0 text-add" aria-hidden />
              ) : (
                <span aria-hidden className="mx-[3.5px] size-[7px] shrink-0 rounded-full bg-warn" />
              )}
              <PathName path={file.path} />
              <span className="shrink-0 text-meta text-third">{kinds[file.kind] ?? 'conflict'}</span>
            </div>
            <fieldset className="mt-2 flex flex-wrap gap-1.5 pl-6">
              <legend className="sr-only">What {file.path} is to be</legend>
              {choices(file.kind).map(({ resolution, label }) => (
                <Button
                  key={resolution}
                  aria-pressed={file.resolution === resolution}
                  className={classNames('!h-7 !px-2.5', file.resolution === resolution && '!border-accent !bg-wash')}
                  disabled={isBusy || isWithAgent}
                  onClick={() => void resolve(id, file.path, resolution)}
                >
                  {label(baseBranch)}
                </Button>
              ))}
              {!file.isBinary && (
                <Button
                  aria-pressed={file.resolution === 'CONTENT'}
                  className={classNames('!h-7 !px-2.5', file.resolution === 'CONTENT' && '!border-accent !bg-wash')}
                  icon={<PencilLine size={13} strokeWidth={1.75} aria-hidden />}
                  disabled={isBusy || isWithAgent}
                  onClick={() => setEditing(editing === file.path ? null : file.path)}
                >
                  Edit
                </Button>
              )}
            </fieldset>
            {editing === file.path && (
              <ConflictEditor
                chatSessionId={chatSessionId}
                path={file.path}
                isBusy={isBusy}
                onSave={async (text) => {
                  if (await resolve(id, file.path, 'CONTENT', text)) setEditing(null);
                }}
                onCancel={() => setEditing(null)}
              />
            )}
          </li>
        ))}
      </ul>
      {isWithAgent && (
        <p role="status" className="text-control text-second">
          The agent is at work on them. What it resolves counts as decided when its turn ends.
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" isBusy={isBusy} onClick={() => void onAbort()}>
          Call it off
        </Button>
        {unresolvedCount > 0 && !isWithAgent && (
          <Button icon={<Bot size={14} strokeWidth={1.75} aria-hidden />} isBusy={isBusy} onClick={() => void onAsk()}>
            Ask the agent
          </Button>
        )}
        <Button look="primary" isBusy={isBusy} disabled={unresolvedCount > 0} onClick={() => void onComplete()}>
          {unresolvedCount > 0 ? `${unresolvedCount} to decide` : 'Finish the update'}
        </Button>
      </div>
    </div>
  );
}

const kinds: Partial<Record<ConflictFileKind, string>> = {
  CONTENT: 'changed by both',
  ADDED_BY_BOTH: 'added by both',
  DELETED_BY_BASE: 'deleted on the base',
  DELETED_BY_SESSION: 'deleted in this chat',
};

const ours = { resolution: 'OURS' as const, label: () => 'Keep this chat’s' };
const theirs = { resolution: 'THEIRS' as const, label: (base: string) => `Take ${base}’s` };
const gone = { resolution: 'DELETE' as const, label: () => 'Delete it' };

interface Choice {
  resolution: ConflictResolution;
  label(baseBranch: string): string;
}

/** A side that has deleted the file is chosen by deleting it. */
function choices(kind: ConflictFileKind): Choice[] {
  switch (kind) {
    case 'DELETED_BY_BASE':
      return [ours, gone];
    case 'DELETED_BY_SESSION':
      return [theirs, gone];
    default:
      return [ours, theirs, gone];
  }
}
