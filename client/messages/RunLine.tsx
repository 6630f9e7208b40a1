import { CircleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Run_RunFragment, WorkspaceStatus } from '../gql/graphql.ts';
import { formatDuration } from './format-duration.ts';

interface RunLineProps {
  run: Run_RunFragment | null;
  workspace: { status: WorkspaceStatus; message: string | null };
  hasMessages: boolean;
}

/** The quiet line at the end: what is going on right now. */
export function RunLine({ run, workspace, hasMessages }: RunLineProps) {
  const isBusy = run?.status === 'RUNNING' || run?.status === 'QUEUED';
  if (workspace.status === 'FAILED' && !isBusy) {
    return (
      <p className="flex items-start gap-2 px-2 text-control text-del">
        <CircleAlert size={14} strokeWidth={1.75} className="mt-0.5 shrink-0" aria-hidden />
        <span>The directory of this chat could not be made. {workspace.message} Sending a message tries again.</span>
      </p>
    );
  }
  if (workspace.status === 'PREPARING' && (isBusy || !hasMessages)) {
    return <Busy text={workspace.message ?? 'Preparing the directory of this chat'} since={null} />;
  }
  if (run?.status === 'WAITING_FOR_PERMISSION') return <Busy text="The agent asks for permission" since={null} />;
  if (run?.status === 'QUEUED') return <Busy text="Waiting for its turn" since={null} />;
  if (run?.status === 'RUNNING') return <Busy text="Working" since={run.startedAt} />;
  return null;
}

function Busy({ text, since }: { text: string; since: string | null }) {
  return (
    <p className="flex items-center gap-2 px-2 text-control text-second">
      <span aria-hidden className="breathes size-[7px] rounded-full bg-accent" />
      {text}
      {since && <Elapsed since={since} />}
    </p>
  );
}

const SHOWN_FROM_MS = 3000;

function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const passed = now - new Date(since).getTime();
  if (passed < SHOWN_FROM_MS) return null;
  return <span className="text-third">{formatDuration(Math.floor(passed / 1000) * 1000).replace('.0', '')}</span>;
}
