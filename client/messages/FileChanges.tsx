import type { FileChangeKind } from '../gql/graphql.ts';
import { classNames } from '../ui/class-names.ts';
import { LineCounts } from './LineCounts.tsx';

export interface ChangedFile {
  path: string;
  oldPath: string | null;
  kind: FileChangeKind;
  additions: number;
  deletions: number;
  isBinary: boolean;
}

const kinds: Record<FileChangeKind, { letter: string; word: string; look: string }> = {
  ADDED: { letter: 'A', word: 'Added', look: 'text-add' },
  DELETED: { letter: 'D', word: 'Deleted', look: 'text-del' },
  MODIFIED: { letter: 'M', word: 'Changed', look: 'text-accent' },
  RENAMED: { letter: 'R', word: 'Renamed', look: 'text-second' },
  TYPE_CHANGED: { letter: 'T', word: 'Type changed', look: 'text-second' },
};

/** Files and what happened to them. */
export function FileChanges({ files }: { files: readonly ChangedFile[] }) {
  return (
    <ul className="py-1">
      {files.map(({ path, oldPath, kind, additions, deletions, isBinary }) => {
        const { letter, word, look } = kinds[kind];
        const slash = path.lastIndexOf('/') + 1;
        return (
          <li
            key={path}
            title={oldPath ? `${oldPath} is now ${path}` : path}
            className="flex h-7 items-center gap-2.5 px-3 text-control"
          >
            <span className={classNames('w-3 shrink-0 text-center font-mono text-[11px] font-semibold', look)}>
              <span aria-hidden>{letter}</span>
              <span className="sr-only">{word}</span>
            </span>
            <span className="flex min-w-0 flex-1 font-mono text-code">
              <span className="truncate text-third">{path.slice(0, slash)}</span>
              <span className="max-w-full shrink-0 truncate">{path.slice(slash)}</span>
            </span>
            {isBinary ? (
              <span className="text-meta text-third">binary</span>
            ) : (
              <LineCounts additions={additions} deletions={deletions} />
            )}
          </li>
        );
      })}
    </ul>
  );
}
