import { GitBranch } from 'lucide-react';
import type { ReactNode } from 'react';
import { Popover } from '../ui/Popover.tsx';
import { shortenMiddle } from '../ui/shorten-middle.ts';
import { BranchDetails } from './BranchDetails.tsx';

interface BranchChipProps {
  chatSessionId: string;
  branch: string;
  /** Where it stands, in one mark. */
  mark: ReactNode;
  /** Begins to bring in what is new on the base branch. */
  onUpdate(): void;
}

/** The branch a session works on. Opens to how it stands. */
export function BranchChip({ chatSessionId, branch, mark, onUpdate }: BranchChipProps) {
  return (
    <Popover
      title="Branch of this chat"
      align="end"
      trigger={(props) => (
        <button
          type="button"
          {...props}
          title={branch}
          className="target flex h-[26px] shrink-0 items-center justify-center gap-1.5 rounded-control border border-line bg-card px-2.5 font-mono text-code transition-colors hover:border-line-strong"
        >
          <GitBranch size={13} strokeWidth={1.75} className="text-second" aria-hidden />
          <span className="sr-only">Branch {branch}. </span>
          <span aria-hidden className="max-sm:hidden">
            {shortenMiddle(branch, 20)}
          </span>
          {mark}
        </button>
      )}
    >
      {(close) => (
        <BranchDetails
          chatSessionId={chatSessionId}
          branch={branch}
          onUpdate={() => {
            close();
            onUpdate();
          }}
        />
      )}
    </Popover>
  );
}
