import { GitCommitHorizontal, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import type { DiffRangeInput } from '../gql/graphql.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { LineCounts } from '../ui/LineCounts.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { DiffFileRow } from './DiffFileRow.tsx';
import { useSessionDiff } from './useSessionDiff.ts';

interface ChangesPanelProps {
  chatSessionId: string;
  /** One turn; null for all of the session against its base branch. */
  range: DiffRangeInput | null;
  onShowAll(): void;
  onClose(): void;
}

/** What a session, or one turn of it, changed: file by file, each opens to its lines. */
export function ChangesPanel({ chatSessionId, range, onShowAll, onClose }: ChangesPanelProps) {
  const { baseBranch, diff, problem, error, refetch } = useSessionDiff(chatSessionId, range);
  return (
    <section aria-label="Changes" className="flex h-full min-h-0 flex-col bg-panel">
      <header className="flex h-[46px] shrink-0 items-center gap-3 border-line border-b pr-2 pl-4">
        <h2 className="text-control font-semibold">{range ? 'Changes of this turn' : 'Changes'}</h2>
        <span className="min-w-0 flex-1 truncate text-right text-control text-second">
          {range ? (
            <Button look="quiet" className="!h-7" onClick={onShowAll}>
              Show all
            </Button>
          ) : (
            baseBranch && (
              <>
                against <span className="font-mono text-code">{baseBranch}</span>
              </>
            )
          )}
        </span>
        {diff && diff.totalFiles > 0 && <LineCounts additions={diff.additions} deletions={diff.deletions} />}
        <IconButton label="Close changes" onClick={onClose}>
          <X size={16} strokeWidth={1.75} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {!diff && !problem && !error && (
          <div role="status" aria-label="Loading the changes" className="grid gap-2.5 p-4">
            <Skeleton className="h-4 w-4/5" />
            <Skeleton className="h-4 w-3/5" />
            <Skeleton className="h-4 w-2/3" />
          </div>
        )}
        {(problem || error) && (
          <CentredMessage
            title="The changes cannot be shown"
            icon={<TriangleAlert size={18} strokeWidth={1.75} aria-hidden />}
            actions={<Button onClick={() => void refetch().catch(() => undefined)}>Try again</Button>}
          >
            {problem ?? explainError(error)}
          </CentredMessage>
        )}
        {diff?.totalFiles === 0 && diff.skippedPaths.length === 0 && (
          <CentredMessage
            title={range ? 'Nothing was changed' : 'No changes yet'}
            icon={<GitCommitHorizontal size={18} strokeWidth={1.75} aria-hidden />}
          >
            {range
              ? 'This turn left every file as it was.'
              : 'What the agent writes appears here as it writes it, and each turn ends as one commit.'}
          </CentredMessage>
        )}
        {diff && diff.totalFiles > 0 && (
          <>
            <h3 className="px-4 pt-3 pb-1 text-meta font-medium text-second tabular-nums">
              {diff.totalFiles === 1 ? '1 file' : `${diff.totalFiles.toLocaleString('en')} files`}
            </h3>
            <ul className="pb-3">
              {diff.files.map((file) => (
                <DiffFileRow key={file.path} chatSessionId={chatSessionId} file={file} range={range} />
              ))}
            </ul>
          </>
        )}
        {diff?.note && <Note>{diff.note}</Note>}
        {diff && diff.skippedPaths.length > 0 && (
          <Note>Not part of any commit: {diff.skippedPaths.slice(0, 20).join(', ')}.</Note>
        )}
      </div>
    </section>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <p className="px-4 pb-3 text-meta text-third">{children}</p>;
}
