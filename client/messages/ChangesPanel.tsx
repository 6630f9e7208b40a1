import { ChevronRight, GitCommitHorizontal, X } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { classNames } from '../ui/class-names.ts';
import { FileChanges } from './FileChanges.tsx';
import { LineCounts } from './LineCounts.tsx';
import { type SessionCommit, useSessionCommits } from './useSessionCommits.ts';

/** What the commits of a session changed. */
export function ChangesPanel({ chatSessionId, onClose }: { chatSessionId: string; onClose(): void }) {
  const { baseBranch, commits, files, additions, deletions, isPartial } = useSessionCommits(chatSessionId);
  return (
    <section aria-label="Changes" className="flex h-full min-h-0 flex-col bg-panel">
      <header className="flex h-[46px] shrink-0 items-center gap-3 border-line border-b pr-2 pl-4">
        <h2 className="text-control font-semibold">Changes</h2>
        <span className="min-w-0 flex-1 truncate text-right text-control text-second">
          {baseBranch && (
            <>
              on top of <span className="font-mono text-code">{baseBranch}</span>
            </>
          )}
        </span>
        {commits.length > 0 && <LineCounts additions={additions} deletions={deletions} />}
        <IconButton label="Close changes" onClick={onClose}>
          <X size={16} strokeWidth={1.75} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {commits.length === 0 ? (
          <CentredMessage
            title="No commits yet"
            icon={<GitCommitHorizontal size={18} strokeWidth={1.75} aria-hidden />}
          >
            Each turn of the agent that changes files ends as one commit, and appears here.
          </CentredMessage>
        ) : (
          <>
            <h3 className="px-4 pt-3 pb-1 text-meta font-medium text-second">
              {files.length === 1 ? '1 file' : `${files.length} files`}
            </h3>
            <div className="px-1">
              <FileChanges files={files} />
            </div>
            <h3 className="px-4 pt-4 pb-1 text-meta font-medium text-second">
              {commits.length === 1 ? '1 commit' : `${commits.length} commits`}
            </h3>
            <ol className="px-2 pb-3">
              {commits.map((commit) => (
                <CommitLine key={commit.sha} commit={commit} />
              ))}
            </ol>
            {isPartial && (
              <p className="px-4 pb-4 text-meta text-third">
                Scroll up in the conversation to load earlier messages and their commits.
              </p>
            )}
          </>
        )}
      </div>
    </section>
  );
}

function CommitLine({ commit }: { commit: SessionCommit }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="target flex h-8 w-full items-center gap-2 rounded-control px-2 text-control transition-colors hover:bg-hover"
      >
        <ChevronRight
          size={14}
          strokeWidth={1.75}
          className={classNames('shrink-0 text-third transition-transform', isOpen && 'rotate-90')}
          aria-hidden
        />
        <span className="font-mono text-code text-second">{commit.sha.slice(0, 7)}</span>
        <span className="min-w-0 flex-1 truncate text-left">{commit.title}</span>
        <LineCounts additions={commit.additions} deletions={commit.deletions} />
      </button>
      {isOpen && (
        <div className="pl-3">
          <FileChanges files={commit.files} />
        </div>
      )}
    </li>
  );
}
