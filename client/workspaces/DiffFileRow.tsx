import { ChevronRight } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { DiffRangeInput } from '../gql/graphql.ts';
import { ChangeLetter } from '../ui/ChangeLetter.tsx';
import { classNames } from '../ui/class-names.ts';
import { LineCounts } from '../ui/LineCounts.tsx';
import { PathName } from '../ui/PathName.tsx';
import type { DiffFile } from './diff-file.ts';
import { LinesSkeleton } from './LinesSkeleton.tsx';

/** Loaded when the first file is opened. */
const FileDiff = lazy(async () => ({ default: (await import('./FileDiff.tsx')).FileDiff }));

interface DiffFileRowProps {
  chatSessionId: string;
  file: DiffFile;
  range: DiffRangeInput | null;
}

/** One file that differs. Its lines are asked for when it is opened. */
export function DiffFileRow({ chatSessionId, file, range }: DiffFileRowProps) {
  const [isOpen, setOpen] = useState(false);
  const { path, oldPath, kind, additions, deletions, isBinary, isUncounted } = file;
  return (
    <li className={classNames(isOpen && 'border-line border-y bg-card')}>
      <button
        type="button"
        aria-expanded={isOpen}
        title={oldPath ? `${oldPath} is now ${path}` : path}
        onClick={() => setOpen(!isOpen)}
        className="target flex h-8 w-full items-center gap-2 px-3 text-left text-control transition-colors hover:bg-card"
      >
        <ChevronRight
          size={14}
          strokeWidth={1.75}
          className={classNames('shrink-0 text-third transition-transform', isOpen && 'rotate-90')}
          aria-hidden
        />
        <ChangeLetter kind={kind} />
        <PathName path={path} />
        {isBinary || isUncounted ? (
          <span className="shrink-0 text-meta text-third">{isBinary ? 'binary' : 'large'}</span>
        ) : (
          <LineCounts additions={additions} deletions={deletions} />
        )}
      </button>
      {isOpen && (
        <Suspense fallback={<LinesSkeleton />}>
          <FileDiff chatSessionId={chatSessionId} file={file} range={range} />
        </Suspense>
      )}
    </li>
  );
}
