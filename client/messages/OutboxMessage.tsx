import { CircleAlert, LoaderCircle } from 'lucide-react';
import { Button } from '../ui/Button.tsx';
import { Bubble } from './Bubble.tsx';
import type { OutboxItem } from './outbox.ts';

interface OutboxMessageProps {
  item: OutboxItem;
  onResend(): void;
  /** Takes the words back into the composer. */
  onEdit(): void;
}

/** Something said that the server is not known to have. */
export function OutboxMessage({ item, onResend, onEdit }: OutboxMessageProps) {
  if (item.isSending) {
    return (
      <Bubble
        footer={
          <span className="flex items-center gap-1">
            <LoaderCircle size={12} strokeWidth={1.75} className="turns" aria-hidden />
            Sending
          </span>
        }
      >
        {item.text}
      </Bubble>
    );
  }
  return (
    <Bubble
      isWaiting
      footer={
        <>
          <span role="alert" className="flex items-center gap-1.5 text-control text-del">
            <CircleAlert size={14} strokeWidth={1.75} className="shrink-0" aria-hidden />
            Not sent. {item.problem}
          </span>
          <Button look="quiet" onClick={onEdit}>
            Edit
          </Button>
          <Button onClick={onResend}>Send again</Button>
        </>
      }
    >
      {item.text}
    </Bubble>
  );
}
