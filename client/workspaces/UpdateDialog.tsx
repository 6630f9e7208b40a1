import { GitMerge, GitPullRequestArrow } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BaseUpdateStrategy } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { useToast } from '../ui/Toast.tsx';
import { Conflicts } from './Conflicts.tsx';
import { useBaseUpdate } from './useBaseUpdate.ts';

interface UpdateDialogProps {
  chatSessionId: string;
  onClose(): void;
}

/** Brings what is new on the base branch into a session: how, and what to do where both sides do not fit together. */
export function UpdateDialog({ chatSessionId, onClose }: UpdateDialogProps) {
  const updates = useBaseUpdate(chatSessionId);
  const { baseBranch, update, problem, reload, isBusy, begin } = updates;
  const toast = useToast();

  const onBegin = async (strategy: BaseUpdateStrategy) => {
    const status = await begin(strategy);
    if (status !== 'APPLIED' && status !== 'UP_TO_DATE') return;
    const isNew = status === 'APPLIED';
    toast({ text: isNew ? `This chat has what is new on ${baseBranch}.` : `There is nothing new on ${baseBranch}.` });
    onClose();
  };

  const isConflicted = update?.status === 'CONFLICTED';
  return (
    <Dialog
      isOpen
      isWide
      title={isConflicted ? `Conflicts with ${baseBranch}` : `Update from ${baseBranch}`}
      description={
        isConflicted
          ? 'Both sides changed these files. Decide what each is to be; until you finish, the chat stays as it is.'
          : 'What is not committed is carried over. You can call it off at any time, and everything is as it was.'
      }
      onClose={onClose}
    >
      {update === undefined && !problem && <Skeleton className="h-24" />}
      {problem && (
        <p className="flex items-center gap-3 text-control text-second">
          {problem} <Button onClick={reload}>Try again</Button>
        </p>
      )}
      {update === null && (
        <div className="grid gap-2.5">
          <Way
            icon={<GitMerge size={16} strokeWidth={1.75} aria-hidden />}
            title="Merge"
            text={`One commit joins ${baseBranch} into this chat. Its own commits stay as they are.`}
            isBusy={isBusy}
            onChoose={() => void onBegin('MERGE')}
          />
          <Way
            icon={<GitPullRequestArrow size={16} strokeWidth={1.75} aria-hidden />}
            title="Rebase"
            text={`The commits of this chat are made anew on top of ${baseBranch}, so that its history is one line.`}
            isBusy={isBusy}
            onChoose={() => void onBegin('REBASE')}
          />
        </div>
      )}
      {update && !isConflicted && (
        <p role="status" className="py-2 text-control text-second">
          {update.errorMessage ?? 'The update is being worked out. You can close this; it goes on.'}
        </p>
      )}
      {update && isConflicted && (
        <Conflicts chatSessionId={chatSessionId} update={update} updates={updates} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface WayProps {
  icon: ReactNode;
  title: string;
  text: string;
  isBusy: boolean;
  onChoose(): void;
}

function Way({ icon, title, text, isBusy, onChoose }: WayProps) {
  return (
    <button
      type="button"
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? undefined : onChoose}
      className="flex items-start gap-3 rounded-card border border-line-strong p-3.5 text-left transition-colors hover:bg-hover"
    >
      <span className="mt-0.5 shrink-0 text-accent">{icon}</span>
      <span className="min-w-0">
        <span className="block text-control font-semibold">{title}</span>
        <span className="block text-control text-second">{text}</span>
      </span>
    </button>
  );
}
