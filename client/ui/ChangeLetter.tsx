import { classNames } from './class-names.ts';

const kinds = {
  ADDED: { letter: 'A', word: 'Added', look: 'text-add' },
  DELETED: { letter: 'D', word: 'Deleted', look: 'text-del' },
  MODIFIED: { letter: 'M', word: 'Changed', look: 'text-accent' },
  RENAMED: { letter: 'R', word: 'Renamed', look: 'text-second' },
  TYPE_CHANGED: { letter: 'T', word: 'Type changed', look: 'text-second' },
};

/** What happened to a file, as one letter and, for those who do not see it, as a word. */
export function ChangeLetter({ kind }: { kind: keyof typeof kinds }) {
  const { letter, word, look } = kinds[kind];
  return (
    <span title={word} className={classNames('w-3 shrink-0 text-center font-mono text-[11px] font-semibold', look)}>
      <span aria-hidden>{letter}</span>
      <span className="sr-only">{word} </span>
    </span>
  );
}
