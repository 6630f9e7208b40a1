import { memo, useMemo } from 'react';
import { classNames } from '../ui/class-names.ts';
import { type Stretch, wordChanges } from './word-changes.ts';

export interface DiffLine {
  kind: 'ADDED' | 'REMOVED' | 'CONTEXT';
  oldNumber: number | null;
  newNumber: number | null;
  text: string;
  /** How it ends; the last line of a file may have no end. */
  end: 'LF' | 'CRLF' | 'NONE';
  /** Longer than what is shown. */
  isCut: boolean;
}

export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  /** The function or heading it is in. */
  heading: string;
  lines: readonly DiffLine[];
}

const looks = {
  ADDED: { row: 'bg-add-wash', sign: '+', word: 'Added: ', mark: 'bg-add-mark' },
  REMOVED: { row: 'bg-del-wash', sign: '−', word: 'Removed: ', mark: 'bg-del-mark' },
  CONTEXT: { row: '', sign: ' ', word: '', mark: '' },
};

/** The changed places of one file, in one column: what was removed above what came instead. */
export const DiffLines = memo(function DiffLines({ hunks, label }: { hunks: readonly Hunk[]; label: string }) {
  const widest = Math.max(
    0,
    ...hunks.flatMap(({ lines }) => lines.map((line) => line.newNumber ?? line.oldNumber ?? 0)),
  );
  const digits = Math.max(2, String(widest).length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="overflow-x-auto font-mono text-code leading-5">
      <table className="w-full min-w-max border-separate border-spacing-0">
        <tbody>
          {hunks.map((hunk, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a file's hunks have no other name, and they are replaced as a whole
            <HunkRows key={at} hunk={hunk} digits={digits} />
          ))}
        </tbody>
      </table>
    </section>
  );
});

function HunkRows({ hunk, digits }: { hunk: Hunk; digits: number }) {
  const words = useMemo(() => stretches(hunk.lines), [hunk]);
  return (
    <>
      <tr className="bg-panel text-third">
        <td colSpan={4} className="whitespace-pre px-3 py-0.5">
          {`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@ ${hunk.heading}`}
        </td>
      </tr>
      {hunk.lines.map((line, at) => {
        const { row, sign, word, mark } = looks[line.kind];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
          <tr key={at} className={row}>
            <LineNumber value={line.oldNumber} digits={digits} />
            <LineNumber value={line.newNumber} digits={digits} />
            <td
              aria-hidden
              className={classNames(
                'w-5 select-none text-center',
                line.kind === 'ADDED' && 'text-add',
                line.kind === 'REMOVED' && 'text-del',
              )}
            >
              {sign}
            </td>
            <td className="whitespace-pre pr-4">
              {word && <span className="sr-only">{word}</span>}
              {words.get(line)?.map(({ text, isChanged }, place) =>
                isChanged ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: stretches have no other name
                  <span key={place} className={classNames('rounded-[3px]', mark)}>
                    {text}
                  </span>
                ) : (
                  text
                ),
              ) ??
                (line.text || ' ')}
              {line.isCut && <span className="text-third"> … longer than what is shown</span>}
              {line.end === 'NONE' && <span className="text-third"> no line end</span>}
            </td>
          </tr>
        );
      })}
    </>
  );
}

function LineNumber({ value, digits }: { value: number | null; digits: number }) {
  return (
    <td
      className="select-none px-2 text-right text-third tabular-nums"
      style={{ width: `calc(${digits}ch + 1rem)`, minWidth: `calc(${digits}ch + 1rem)` }}
    >
      {value}
    </td>
  );
}

/** Removed lines are held against the added ones that follow them, the first against the first. */
function stretches(lines: readonly DiffLine[]): Map<DiffLine, Stretch[]> {
  const found = new Map<DiffLine, Stretch[]>();
  let at = 0;
  while (at < lines.length) {
    const removed = run(lines, at, 'REMOVED');
    const added = run(lines, at + removed.length, 'ADDED');
    for (const [place, before] of removed.entries()) {
      const after = added[place];
      const pair = after && wordChanges(before.text, after.text);
      if (!after || !pair) continue;
      found.set(before, pair[0]);
      found.set(after, pair[1]);
    }
    at += Math.max(1, removed.length + added.length);
  }
  return found;
}

function run(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): DiffLine[] {
  let end = from;
  while (lines[end]?.kind === kind) end += 1;
  return lines.slice(from, end);
}
