import { useFragment } from '@apollo/client/react';
import { LoaderCircle, TriangleAlert, Wrench } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { graphql } from '../gql/gql.ts';
import type { WorkspaceOperationKind } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';
import { SetupDialog } from './SetupDialog.tsx';
import { useRepairBranch } from './useRepairBranch.ts';

const WorkspaceNoticeFragment = graphql(`
  fragment WorkspaceNotice_session on ChatSession {
    id
    workspace {
      status
      message
      progress
    }
    setup {
      id
      status
      message
    }
    latestOperation {
      id
      kind
      status
      step
      progress
    }
    baseUpdate {
      id
      status
      baseBranch
      unresolvedCount
      isWithAgent
    }
    branchStatus {
      id
      isDrifted
      currentBranch
    }
  }
`);

/** What goes on in the workspace of a session besides the agent, or keeps it from working; nothing most of the time. */
export function WorkspaceNotice({ chatSessionId, onResolve }: { chatSessionId: string; onResolve(): void }) {
  const { data, complete } = useFragment({
    fragment: WorkspaceNoticeFragment,
    from: { __typename: 'ChatSession' as const, id: chatSessionId },
  });
  const [isLogOpen, setLogOpen] = useState(false);
  const { repair, isRepairing } = useRepairBranch(chatSessionId);
  if (!complete) return null;
  const { workspace, setup, latestOperation: operation, baseUpdate, branchStatus } = data;

  const setupLog = isLogOpen && <SetupDialog chatSessionId={chatSessionId} onClose={() => setLogOpen(false)} />;
  if (workspace.status === 'PREPARING' && workspace.progress !== null) {
    return (
      <Busy text="Preparing the directory of this chat" detail={workspace.message} progress={workspace.progress} />
    );
  }
  if (setup && (setup.status === 'RUNNING' || setup.status === 'QUEUED')) {
    return (
      <>
        <Busy
          text="Setting this chat up"
          detail={null}
          progress={null}
          action={<Button onClick={() => setLogOpen(true)}>Show log</Button>}
        />
        {setupLog}
      </>
    );
  }
  if (operation && (operation.status === 'QUEUED' || operation.status === 'RUNNING')) {
    const step = operation.step && `${operation.step}`;
    return <Busy text={doing[operation.kind]} detail={step} progress={operation.progress} />;
  }
  if (branchStatus?.isDrifted) {
    return (
      <Line
        tone="warning"
        action={
          <Button
            icon={<Wrench size={14} strokeWidth={1.75} aria-hidden />}
            isBusy={isRepairing}
            onClick={() => void repair()}
          >
            Put it back
          </Button>
        }
      >
        The workspace is on{' '}
        {branchStatus.currentBranch ? <code className="font-mono">{branchStatus.currentBranch}</code> : 'no branch'}{' '}
        instead of its own, so the agent does not work in it.
      </Line>
    );
  }
  if (baseUpdate?.status === 'CONFLICTED') {
    const { unresolvedCount, baseBranch, isWithAgent } = baseUpdate;
    const files = unresolvedCount === 1 ? '1 file is' : `${unresolvedCount} files are`;
    return (
      <Line tone="warning" action={<Button onClick={onResolve}>{unresolvedCount > 0 ? 'Resolve' : 'Finish'}</Button>}>
        {isWithAgent
          ? `The agent resolves conflicts with ${baseBranch}.`
          : unresolvedCount > 0
            ? `${files} in conflict with ${baseBranch}. Until that is decided, the chat stays as it is.`
            : `Every conflict with ${baseBranch} is decided.`}
      </Line>
    );
  }
  if (setup?.status === 'FAILED') {
    return (
      <>
        <Line tone="warning" action={<Button onClick={() => setLogOpen(true)}>Show log</Button>}>
          The setup failed. {setup.message}
        </Line>
        {setupLog}
      </>
    );
  }
  return setupLog || null;
}

const doing: Record<WorkspaceOperationKind, string> = {
  ARCHIVE: 'Putting the files of this chat away',
  FREE: 'Putting the files of this chat away',
  UNARCHIVE: 'Bringing the files of this chat back',
  SETUP: 'Setting this chat up',
  CHECK_OUT_SUBMODULE: 'Checking a submodule out',
  UPDATE_FROM_BASE: 'Updating from the base branch',
  COMPLETE_BASE_UPDATE: 'Finishing the update',
  ABORT_BASE_UPDATE: 'Calling the update off',
  REPAIR_BRANCH: 'Going back to the branch of this chat',
  REWIND: 'Taking the chat back',
  RESTORE_REWIND: 'Bringing back what was taken back',
  UNDO_TURN: 'Undoing the turn',
};

interface BusyProps {
  text: string;
  detail: string | null;
  progress: number | null;
  action?: ReactNode;
}

function Busy({ text, detail, progress, action }: BusyProps) {
  const percent = progress === null ? null : Math.round(progress * 100);
  return (
    <div role="status" className="rounded-card border border-line bg-card px-3 py-2">
      <div className="flex items-center gap-2 text-control">
        <LoaderCircle size={14} strokeWidth={1.75} className="turns shrink-0 text-accent" aria-hidden />
        <span className="min-w-0 flex-1 truncate">
          {text}
          {detail && <span className="text-third"> · {detail}</span>}
        </span>
        {percent !== null && <span className="shrink-0 text-second tabular-nums">{percent} %</span>}
        {action}
      </div>
      {percent !== null && (
        <div className="mt-1.5 h-1 overflow-hidden rounded-full bg-hover">
          <div
            className="h-full origin-left rounded-full bg-accent transition-transform"
            style={{ transform: `scaleX(${progress})` }}
          />
        </div>
      )}
    </div>
  );
}

function Line({ tone, action, children }: { tone: 'warning'; action?: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className={classNames(
        'flex items-center gap-2.5 rounded-card border px-3 py-2',
        tone === 'warning' && 'border-warn-line bg-warn-wash',
      )}
    >
      <TriangleAlert size={16} strokeWidth={1.75} className="shrink-0 text-warn" aria-hidden />
      <p className="min-w-0 flex-1 text-control">{children}</p>
      {action}
    </div>
  );
}
