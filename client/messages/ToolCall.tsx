import {
  Check,
  ChevronRight,
  CircleX,
  FilePen,
  FileText,
  FileX,
  FolderInput,
  Globe,
  Lightbulb,
  LoaderCircle,
  Search,
  SquareTerminal,
  Wrench,
} from 'lucide-react';
import { useState } from 'react';
import type { ToolKind } from '../gql/graphql.ts';
import { classNames } from '../ui/class-names.ts';
import type { Part } from './fold-parts.ts';
import { formatDuration } from './format-duration.ts';
import { Output } from './Output.tsx';

const icons: Record<ToolKind, typeof Wrench> = {
  DELETE: FileX,
  EDIT: FilePen,
  EXECUTE: SquareTerminal,
  FETCH: Globe,
  MOVE: FolderInput,
  OTHER: Wrench,
  READ: FileText,
  SEARCH: Search,
  THINK: Lightbulb,
};

type ToolCallPart = Extract<Part, { __typename: 'ToolCallPart' }>;

/** One line for what the agent did. Commands show what they print; it can be closed, and opened again. */
export function ToolCall({ part }: { part: ToolCallPart }) {
  const { title, kind, status, output, outputTruncated, exitCode, durationMs } = part;
  const [isClosed, setClosed] = useState(kind !== 'EXECUTE' && status !== 'FAILED');
  const Icon = icons[kind];
  const hasOutput = output.trim() !== '';
  const isOpen = hasOutput && !isClosed;
  const { verb, rest } = splitTitle(title, kind);

  const line = (
    <>
      <Icon size={14} strokeWidth={1.75} className="shrink-0 text-second" aria-hidden />
      <span className="flex min-w-0 flex-1 items-baseline gap-1.5 text-left">
        {verb && <span className="shrink-0 text-control text-second">{verb}</span>}
        <span className="truncate font-mono text-code">{rest}</span>
      </span>
      <span className="flex shrink-0 items-center gap-2 text-code text-second">
        {exitCode !== null && exitCode !== 0 && <span className="text-del">exit {exitCode}</span>}
        {durationMs !== null && <span>{formatDuration(durationMs)}</span>}
        <Status status={status} />
      </span>
      {hasOutput && (
        <ChevronRight
          size={14}
          strokeWidth={1.75}
          className={classNames('shrink-0 text-third transition-transform', isOpen && 'rotate-90')}
          aria-hidden
        />
      )}
    </>
  );
  const look = 'flex h-[34px] w-full items-center gap-2.5 px-3';
  return (
    <div className="overflow-hidden rounded-card border border-line bg-card">
      {hasOutput ? (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setClosed(isOpen)}
          className={classNames(look, 'target -outline-offset-2 transition-colors hover:bg-hover')}
        >
          {line}
        </button>
      ) : (
        <div className={look}>{line}</div>
      )}
      {isOpen && <Output text={output} isCut={outputTruncated} />}
    </div>
  );
}

function Status({ status }: { status: ToolCallPart['status'] }) {
  const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
  switch (status) {
    case 'PENDING':
    case 'RUNNING':
      return (
        <>
          <LoaderCircle {...icon} className="turns text-accent" />
          <span className="sr-only">running</span>
        </>
      );
    case 'SUCCEEDED':
      return (
        <>
          <Check {...icon} className="text-add" />
          <span className="sr-only">done</span>
        </>
      );
    case 'FAILED':
      return (
        <>
          <CircleX {...icon} className="text-del" />
          <span className="sr-only">failed</span>
        </>
      );
  }
}

/** "Edit src/a.ts" is a word and a path; a command is all code. */
function splitTitle(title: string, kind: ToolKind): { verb: string | null; rest: string } {
  if (kind === 'EXECUTE') return { verb: null, rest: title };
  const [, verb, rest] = /^(\p{L}+)\s+(.+)$/u.exec(title) ?? [];
  return verb && rest ? { verb, rest } : { verb: null, rest: title };
}
