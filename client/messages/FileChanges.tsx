import type { FileChangeKind } from '../gql/graphql.ts';
import { ChangeLetter } from '../ui/ChangeLetter.tsx';
import { LineCounts } from '../ui/LineCounts.tsx';
import { PathName } from '../ui/PathName.tsx';

interface ChangedFile {
  path: string;
  oldPath: string | null;
  kind: FileChangeKind;
  additions: number;
  deletions: number;
  isBinary: boolean;
}

/** Files and what happened to them. */
export function FileChanges({ files }: { files: readonly ChangedFile[] }) {
  return (
    <ul className="py-1">
      {files.map(({ path, oldPath, kind, additions, deletions, isBinary }) => (
        <li
          key={path}
          title={oldPath ? `${oldPath} is now ${path}` : path}
          className="flex h-7 items-center gap-2.5 px-3 text-control"
        >
          <ChangeLetter kind={kind} />
          <PathName path={path} />
          {isBinary ? (
            <span className="text-meta text-third">binary</span>
          ) : (
            <LineCounts additions={additions} deletions={deletions} />
          )}
        </li>
      ))}
    </ul>
  );
}
