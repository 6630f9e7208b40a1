import { useMemo, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';
import { readAnsi } from './ansi.ts';

const TAIL_LINES = 12;

const colours = {
  red: 'text-del',
  green: 'text-add',
  yellow: 'text-warn',
  blue: 'text-accent',
  faint: 'text-third',
};

interface OutputProps {
  text: string;
  /** Whether the end of it was thrown away because there was too much. */
  isCut: boolean;
}

/** What a command printed: its last lines, and all of it when asked. */
export function Output({ text, isCut }: OutputProps) {
  const [isWhole, setWhole] = useState(false);
  const trimmed = text.replace(/\s+$/, '');
  const hidden = countLines(trimmed) - TAIL_LINES;
  const shown = isWhole || hidden <= 0 ? trimmed : lastLines(trimmed, TAIL_LINES);
  const spans = useMemo(() => readAnsi(shown), [shown]);
  if (trimmed === '') return null;

  return (
    <div className="border-line border-t bg-panel">
      {hidden > 0 && (
        <Button look="quiet" className="!h-7 mx-1 mt-1 !px-2 !text-meta" onClick={() => setWhole(!isWhole)}>
          {isWhole ? `Show the last ${TAIL_LINES} lines` : `Show ${hidden} earlier ${hidden === 1 ? 'line' : 'lines'}`}
        </Button>
      )}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long output is scrolled with the arrow keys
        tabIndex={0}
        className="max-h-[32rem] overflow-auto px-3 py-2 font-mono text-code text-second"
      >
        {spans.map((span, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a piece of a stream has no other name
            key={index}
            className={classNames(span.colour && colours[span.colour], span.isBold && 'font-semibold')}
          >
            {span.text}
          </span>
        ))}
      </pre>
      {isCut && <p className="px-3 pb-2 text-meta text-third">There was more; only the beginning was kept.</p>}
    </div>
  );
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function lastLines(text: string, count: number): string {
  let at = text.length;
  for (let left = count; left > 0 && at > 0; left -= 1) at = text.lastIndexOf('\n', at - 1);
  return text.slice(at + 1);
}
