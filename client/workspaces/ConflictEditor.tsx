import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { explainError } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { Button } from '../ui/Button.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { TextArea } from '../ui/TextArea.tsx';

const ConflictTextQuery = graphql(`
  query ConflictText($id: ID!, $path: String!) {
    chatSession(id: $id) {
      id
      baseUpdate {
        id
        conflict(path: $path) {
          path
          resolvedText
          merged {
            content {
              text
              isTruncated
            }
          }
          ours {
            content {
              text
              isTruncated
            }
          }
        }
      }
    }
  }
`);

interface ConflictEditorProps {
  chatSessionId: string;
  path: string;
  isBusy: boolean;
  onSave(text: string): void;
  onCancel(): void;
}

/** Both sides put together, to be made into what the file is to be. */
export function ConflictEditor({ chatSessionId, path, isBusy, onSave, onCancel }: ConflictEditorProps) {
  const { data, error } = useQuery(ConflictTextQuery, {
    variables: { id: chatSessionId, path },
    fetchPolicy: 'network-only',
  });
  const [typed, setTyped] = useState<string | null>(null);
  if (!data) {
    return error ? (
      <p className="mt-2 pl-6 text-control text-second">{explainError(error)}</p>
    ) : (
      <Skeleton className="mt-2 ml-6 h-32" />
    );
  }
  const conflict = data.chatSession?.baseUpdate?.conflict;
  const start = (conflict?.merged ?? conflict?.ours)?.content;
  const text = typed ?? conflict?.resolvedText ?? start?.text ?? '';
  if (start?.isTruncated) {
    return (
      <p className="mt-2 pl-6 text-control text-second">
        This file is too large to be edited here. Choose a side, or ask the agent.
      </p>
    );
  }
  return (
    <div className="mt-2 grid gap-2 pl-6">
      <TextArea
        label={`What ${path} is to be`}
        isCode
        rows={12}
        value={text}
        hint={/^<{7}/m.test(text) ? 'Lines between <<<<<<< and >>>>>>> are in conflict.' : ''}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" isBusy={isBusy} onClick={() => onSave(text)}>
          Use this text
        </Button>
      </div>
    </div>
  );
}
