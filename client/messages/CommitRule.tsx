import { GitCommitHorizontal } from 'lucide-react';
import { useState } from 'react';
import { LineCounts } from '../ui/LineCounts.tsx';
import { FileChanges } from './FileChanges.tsx';
import type { Part } from './fold-parts.ts';

type CommitPart = Extract<Part, { __typename: 'CommitPart' }>;

/** The end of a turn that changed something: a rule across the page, which opens to what it holds. */
export function CommitRule({ part }: { part: CommitPart }) {
  const [isOpen, setOpen] = useState(false);
  const { sha, title, additions, deletions, files } = part;
  return (
    <div className="py-2">
      <div className="flex items-center gap-2.5 before:h-px before:min-w-4 before:flex-1 before:bg-line after:h-px after:min-w-4 after:flex-1 after:bg-line">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="target flex h-[25px] min-w-0 items-center gap-2 rounded-full border border-line bg-card px-3 text-control transition-colors hover:bg-hover"
        >
          <GitCommitHorizontal size={14} strokeWidth={1.75} className="shrink-0 text-second" aria-hidden />
          <span className="sr-only">Commit </span>
          <span className="font-mono text-code text-second">{sha.slice(0, 7)}</span>
          <span className="truncate">{title}</span>
          <LineCounts additions={additions} deletions={deletions} />
        </button>
      </div>
      {isOpen && (
        <div className="mt-3 overflow-hidden rounded-card border border-line bg-card">
          <FileChanges files={files} />
        </div>
      )}
    </div>
  );
}
