import { useQuery } from '@apollo/client/react';
import { graphql } from '../gql/gql.ts';
import type { FilesAtInput, FilesStateKind } from '../gql/graphql.ts';
import { formatBytes } from '../ui/format-bytes.ts';
import { Skeleton } from '../ui/Skeleton.tsx';
import type { DiffFile } from './diff-file.ts';

const PictureQuery = graphql(`
  query Picture($id: ID!, $path: String!, $at: FilesAtInput) {
    chatSession(id: $id) {
      id
      file(path: $path, at: $at) {
        __typename
        ... on FileContent {
          mediaType
          base64
          bytes
          note
        }
        ... on UserError {
          message
        }
      }
    }
  }
`);

interface State {
  kind: FilesStateKind;
  sha: string | null;
}

interface PictureDiffProps {
  chatSessionId: string;
  file: DiffFile;
  from: State;
  to: State;
}

/** A picture before and after, side by side. */
export function PictureDiff({ chatSessionId, file, from, to }: PictureDiffProps) {
  const { path, oldPath, before, after } = file;
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-3 px-4 py-2">
      {before && <Picture chatSessionId={chatSessionId} path={oldPath ?? path} at={at(from)} title="Before" />}
      {after && <Picture chatSessionId={chatSessionId} path={path} at={at(to)} title="After" />}
    </div>
  );
}

const at = ({ kind, sha }: State): FilesAtInput | null => (kind === 'COMMIT' ? { sha } : null);

interface PictureProps {
  chatSessionId: string;
  path: string;
  at: FilesAtInput | null;
  title: string;
}

function Picture({ chatSessionId, path, at, title }: PictureProps) {
  const { data, error } = useQuery(PictureQuery, {
    variables: { id: chatSessionId, path, at },
    fetchPolicy: at ? 'cache-first' : 'network-only',
  });
  const file = data?.chatSession?.file;
  const content = file?.__typename === 'FileContent' ? file : null;
  const words = file && 'message' in file ? file.message : (content?.note ?? 'It cannot be shown.');
  return (
    <figure className="grid gap-1.5">
      <figcaption className="text-meta text-third">
        {title}
        {content && ` · ${formatBytes(content.bytes)}`}
      </figcaption>
      {!data && !error ? (
        <Skeleton className="h-24" />
      ) : content?.base64 && content.mediaType ? (
        <img
          // A data URL in an img runs no script, whatever the file holds.
          src={`data:${content.mediaType};base64,${content.base64}`}
          alt={`${path}, ${title.toLowerCase()}`}
          className="max-h-64 max-w-full rounded-control border border-line bg-bg object-contain"
        />
      ) : (
        <p className="text-control text-second">{words}</p>
      )}
    </figure>
  );
}
