import { useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { DiffRangeInput } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { DiffLines } from './DiffLines.tsx';
import type { DiffFile } from './diff-file.ts';
import { LinesSkeleton } from './LinesSkeleton.tsx';
import { PictureDiff } from './PictureDiff.tsx';

const FileDiffQuery = graphql(`
  query FileDiff($id: ID!, $path: String!, $oldPath: String, $range: DiffRangeInput) {
    chatSession(id: $id) {
      id
      fileDiff(path: $path, oldPath: $oldPath, range: $range) {
        __typename
        ... on FileDiff {
          from {
            kind
            sha
          }
          to {
            kind
            sha
          }
          hunks {
            oldStart
            oldLines
            newStart
            newLines
            heading
            lines {
              kind
              oldNumber
              newNumber
              text
              end
              isCut
            }
          }
          note
        }
        ... on UserError {
          message
        }
      }
    }
  }
`);

interface FileDiffProps {
  chatSessionId: string;
  file: DiffFile;
  range: DiffRangeInput | null;
}

/** The lines of one file that differ, or what there is to say of it instead. */
export function FileDiff({ chatSessionId, file, range }: FileDiffProps) {
  const { path, oldPath, before, after } = file;
  const { data, previousData, error, refetch } = useQuery(FileDiffQuery, {
    variables: { id: chatSessionId, path, oldPath, range },
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  // The list of files is read again when something changes; what it says of this one tells whether its lines did.
  const facts = JSON.stringify([file.additions, file.deletions, before, after]);
  const seen = useRef(facts);
  useEffect(() => {
    if (seen.current === facts) return;
    seen.current = facts;
    refetch().catch(() => undefined);
  }, [facts, refetch]);

  const answer = (data ?? previousData)?.chatSession?.fileDiff;
  const problem = problemIn(answer)?.message ?? (!answer && error ? explainError(error) : null);
  if (problem) {
    return (
      <div className="flex items-center gap-3 px-4 py-3 text-control text-second">
        <p className="min-w-0 flex-1">{problem}</p>
        <Button onClick={() => void refetch().catch(() => undefined)}>Try again</Button>
      </div>
    );
  }
  if (answer?.__typename !== 'FileDiff') return <LinesSkeleton />;
  const { hunks, note, from, to } = answer;
  const mode = modeWords(before?.mode, after?.mode);
  return (
    <div className="pb-1">
      {mode && <p className="px-4 py-1.5 text-meta text-second">{mode}</p>}
      {file.isImage && <PictureDiff chatSessionId={chatSessionId} file={file} from={from} to={to} />}
      {hunks.length > 0 ? (
        <DiffLines label={`Changed lines of ${path}`} hunks={hunks} />
      ) : (
        !file.isImage &&
        !note &&
        !mode && (
          <p className="px-4 py-2 text-control text-third">
            {file.isBinary ? `Not text. ${sizeWords(before?.bytes, after?.bytes)}` : 'No line differs.'}
          </p>
        )
      )}
      {note && <p className="px-4 py-1.5 text-meta text-third">{note}</p>}
    </div>
  );
}

const words = { FILE: 'a file', EXECUTABLE: 'a program', LINK: 'a link', SUBMODULE: 'a submodule' };

function modeWords(before: keyof typeof words | undefined, after: keyof typeof words | undefined): string | null {
  if (!before || !after || before === after) return null;
  return `Was ${words[before]}, is now ${words[after]}.`;
}

function sizeWords(before: number | null | undefined, after: number | null | undefined): string {
  const size = (bytes: number | null | undefined) => (typeof bytes === 'number' ? formatBytes(bytes) : null);
  const [old, now] = [size(before), size(after)];
  if (old && now) return old === now ? `${now}, as before.` : `${old} before, ${now} now.`;
  return now ? `${now}.` : old ? `${old} before.` : '';
}
