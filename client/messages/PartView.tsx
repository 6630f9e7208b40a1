import { ChevronRight, Circle, CircleCheck, CircleDot } from 'lucide-react';
import { CommitRule } from './CommitRule.tsx';
import type { Part } from './fold-parts.ts';
import { Notice } from './Notice.tsx';
import { TextView } from './TextView.tsx';
import { ToolCall } from './ToolCall.tsx';

interface PartViewProps {
  part: Part;
  /** On the notice of how a run ended, while it can begin anew. */
  retry?: { isBusy: boolean; onRetry(): void };
}

/** One piece of an answer. */
export function PartView({ part, retry }: PartViewProps) {
  switch (part.__typename) {
    case 'TextPart':
      return (
        <div className="px-2">
          <TextView text={part.text} />
        </div>
      );
    case 'ReasoningPart':
      return <Reasoning text={part.text} />;
    case 'ToolCallPart':
      return <ToolCall part={part} />;
    case 'PlanPart':
      return <Plan entries={part.entries} />;
    case 'CommitPart':
      return <CommitRule part={part} />;
    case 'NoticePart':
      return <Notice level={part.level} text={part.text} retry={retry} />;
  }
}

function Reasoning({ text }: { text: string }) {
  return (
    <details className="group px-2 text-control text-second">
      <summary className="flex w-fit items-center gap-1 rounded-control">
        <ChevronRight
          size={14}
          strokeWidth={1.75}
          className="text-third transition-transform group-open:rotate-90"
          aria-hidden
        />
        What the agent thought
      </summary>
      <p className="mt-1.5 max-w-[68ch] whitespace-pre-wrap break-words border-line border-l-2 pl-3">{text}</p>
    </details>
  );
}

const steps = {
  completed: { Icon: CircleCheck, look: 'text-add', word: 'Done' },
  in_progress: { Icon: CircleDot, look: 'text-accent', word: 'At work' },
  pending: { Icon: Circle, look: 'text-third', word: 'To do' },
};

function Plan({ entries }: { entries: { text: string; status: string }[] }) {
  return (
    <ol aria-label="Plan" className="grid gap-1.5 rounded-card border border-line bg-card px-3 py-2.5">
      {entries.map(({ text, status }) => {
        const { Icon, look, word } = steps[status as keyof typeof steps] ?? steps.pending;
        return (
          <li key={text} className="flex items-start gap-2.5 text-control">
            <Icon size={14} strokeWidth={1.75} className={`mt-0.5 shrink-0 ${look}`} aria-hidden />
            <span className="sr-only">{word}: </span>
            <span className="min-w-0">{text}</span>
          </li>
        );
      })}
    </ol>
  );
}
