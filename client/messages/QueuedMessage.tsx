import type { FragmentType } from '@apollo/client';
import { useFragment, useMutation } from '@apollo/client/react';
import { Clock, Pencil, Trash2 } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { MessageItem_MessageFragment } from '../gql/graphql.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Problem } from '../ui/Field.tsx';
import { useToast } from '../ui/Toast.tsx';
import { applyEvents } from './apply-events.ts';
import { Bubble } from './Bubble.tsx';
import { MessageFragment } from './message-fragments.ts';

const EditQueuedMutation = graphql(`
  mutation EditQueued($id: ID!, $text: String!) {
    editQueuedMessage(id: $id, text: $text) {
      __typename
      ... on Message {
        id
        parts {
          ...MessagePart_part @unmask
        }
      }
      ... on UserError {
        message
      }
    }
  }
`);

const DeleteQueuedMutation = graphql(`
  mutation DeleteQueued($id: ID!) {
    deleteQueuedMessage(id: $id) {
      __typename
      ... on UserError {
        message
      }
    }
  }
`);

interface QueuedMessageProps {
  message: FragmentType<MessageItem_MessageFragment>;
  chatSessionId: string;
}

/** A message the agent does not have yet: it can still be changed or taken back. */
export function QueuedMessage({ message, chatSessionId }: QueuedMessageProps) {
  const { data, complete } = useFragment({
    fragment: MessageFragment,
    fragmentName: 'MessageItem_message',
    from: message,
  });
  const [isEditing, setEditing] = useState(false);
  const [takeBack] = useMutation(DeleteQueuedMutation);
  const toast = useToast();
  if (!complete) return null;
  const text = data.parts.map((part) => (part.__typename === 'TextPart' ? part.text : '')).join('');

  const onDelete = async () => {
    try {
      await takeBack({
        variables: { id: data.id },
        optimisticResponse: { deleteQueuedMessage: { __typename: 'DeleteQueuedMessageSuccess' } },
        update(cache, { data: answer }) {
          const problem = problemIn(answer?.deleteQueuedMessage);
          if (problem) return toast({ text: problem.message, isProblem: true });
          applyEvents(cache, chatSessionId, [{ __typename: 'MessageRemoved', seq: 0, messageId: data.id }]);
        },
      });
    } catch (error) {
      toast({ text: `It is still queued. ${explainError(error)}`, isProblem: true });
    }
  };

  if (isEditing) return <QueuedEditor id={data.id} text={text} onDone={() => setEditing(false)} />;
  return (
    <Bubble
      isWaiting
      footer={
        <>
          <span className="flex items-center gap-1">
            <Clock size={12} strokeWidth={1.75} aria-hidden />
            Queued
          </span>
          <IconButton label="Edit queued message" className="!size-6" onClick={() => setEditing(true)}>
            <Pencil size={13} strokeWidth={1.75} aria-hidden />
          </IconButton>
          <IconButton label="Delete queued message" className="!size-6" onClick={() => void onDelete()}>
            <Trash2 size={13} strokeWidth={1.75} aria-hidden />
          </IconButton>
        </>
      }
    >
      {text}
    </Bubble>
  );
}

function QueuedEditor({ id, text, onDone }: { id: string; text: string; onDone(): void }) {
  const [draft, setDraft] = useState(text);
  const [problem, setProblem] = useState<string | null>(null);
  const [edit, { loading }] = useMutation(EditQueuedMutation);

  const save = async () => {
    if (draft.trim() === '' || draft === text) return onDone();
    try {
      const { data } = await edit({ variables: { id, text: draft } });
      const refused = problemIn(data?.editQueuedMessage);
      if (refused) setProblem(refused.message);
      else onDone();
    } catch (error) {
      setProblem(explainError(error));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onDone();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void save();
    }
  };

  return (
    <div className="ml-auto w-full max-w-[85%]">
      <textarea
        // biome-ignore lint/a11y/noAutofocus: editing was just asked for
        autoFocus
        aria-label="Queued message"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content block max-h-60 w-full resize-none rounded-card border border-line-strong bg-card px-3 py-2 text-read"
      />
      {problem && <Problem text={problem} />}
      <div className="mt-2 flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" isBusy={loading} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </div>
  );
}
