import { ArrowDownToLine, Check, Copy, Wrench } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BranchStatus_StatusFragment } from '../gql/graphql.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Skeleton } from '../ui/Skeleton.tsx';
import { useCopy } from '../ui/useCopy.ts';
import { useBranchStatus } from './useBranchStatus.ts';
import { useRepairBranch } from './useRepairBranch.ts';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
const SHOWN_PATHS = 8;

interface BranchDetailsProps {
  chatSessionId: string;
  branch: string;
  onUpdate(): void;
}

/** How the branch and the files of a session stand. */
export function BranchDetails({ chatSessionId, branch, onUpdate }: BranchDetailsProps) {
  const status = useBranchStatus(chatSessionId);
  const { repair, isRepairing } = useRepairBranch(chatSessionId);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3.5">
      <CopyLine text={branch} label="branch name" />
      {status ? (
        <>
          {status.isDrifted && (
            <div className="grid gap-2 rounded-control border border-del-line bg-del-wash p-2.5 text-control">
              <p>
                The workspace is on{' '}
                {status.currentBranch ? <code className="font-mono">{status.currentBranch}</code> : 'no branch'}, so the
                agent does not work in it. Putting it back keeps its files and its commits.
              </p>
              <Button icon={<Wrench {...icon} />} isBusy={isRepairing} onClick={() => void repair()}>
                Put it back on its branch
              </Button>
            </div>
          )}
          <Facts status={status} />
          <Paths
            title="Not committed yet"
            paths={status.dirtyFiles.map(({ path }) => path)}
            count={status.dirtyFileCount}
          />
          <Paths title="In conflict with the base branch" paths={status.conflictPaths} count={status.conflictCount} />
          {status.behindBase > 0 && !status.isDrifted && (
            <Button icon={<ArrowDownToLine {...icon} />} onClick={onUpdate}>
              Update from {status.baseBranch}
            </Button>
          )}
          <CopyLine text={status.path} label="path of the workspace" />
        </>
      ) : (
        <div role="status" aria-label="Loading the state of the branch" className="grid gap-2">
          <Skeleton className="h-4" />
          <Skeleton className="h-4 w-2/3" />
        </div>
      )}
    </div>
  );
}

function Facts({ status }: { status: BranchStatus_StatusFragment }) {
  const { baseBranch, baseSha, aheadOfBase, behindBase, remote, headSha, diskBytes, processCount } = status;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-control">
      <Fact name="Base">
        <span className="font-mono text-code">{baseBranch}</span>
        {!baseSha && <span className="text-warn"> is gone</span>}
      </Fact>
      <Fact name="To its base">{standing(aheadOfBase, behindBase)}</Fact>
      <Fact name="Pushed">{remote ? standing(remote.ahead, remote.behind) : 'Not yet'}</Fact>
      {headSha && (
        <Fact name="Commit">
          <span className="font-mono text-code">{headSha.slice(0, 10)}</span>
        </Fact>
      )}
      {diskBytes !== null && <Fact name="On disk">{formatBytes(diskBytes)} of its own</Fact>}
      {processCount !== null && (
        <Fact name="Processes">{processCount === 0 ? 'None running' : `${processCount} running`}</Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-third">{name}</dt>
      <dd className="min-w-0 break-words text-right tabular-nums">{children}</dd>
    </>
  );
}

function standing(ahead: number, behind: number): string {
  const words = [ahead > 0 && `${ahead} ahead`, behind > 0 && `${behind} behind`].filter(Boolean);
  return words.length > 0 ? words.join(', ') : 'Even';
}

function Paths({ title, paths, count }: { title: string; paths: readonly string[]; count: number }) {
  if (count === 0) return null;
  const shown = paths.slice(0, SHOWN_PATHS);
  return (
    <div>
      <h3 className="mb-1 text-meta font-medium text-second">
        {title} <span className="tabular-nums">({count})</span>
      </h3>
      <ul className="font-mono text-code">
        {shown.map((path) => (
          <li key={path} className="truncate" title={path}>
            {path}
          </li>
        ))}
      </ul>
      {count > shown.length && <p className="text-meta text-third">and {count - shown.length} more</p>}
    </div>
  );
}

function CopyLine({ text, label }: { text: string; label: string }) {
  const { hasCopied, copy } = useCopy();
  return (
    <p className="flex items-center gap-1 rounded-control bg-panel py-1 pr-1 pl-2.5">
      <span className="min-w-0 flex-1 truncate font-mono text-code" title={text}>
        {text}
      </span>
      <IconButton label={hasCopied ? 'Copied' : `Copy the ${label}`} onClick={() => void copy(text)}>
        {hasCopied ? <Check {...icon} className="text-add" /> : <Copy {...icon} />}
      </IconButton>
    </p>
  );
}
