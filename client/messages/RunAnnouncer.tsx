import { useEffect, useRef, useState } from 'react';
import type { RunStatus } from '../gql/graphql.ts';

const BUSY = ['QUEUED', 'RUNNING', 'WAITING_FOR_PERMISSION'];

/** Tells those who listen that an answer began and ended, instead of reading out every piece of it. */
export function RunAnnouncer({ status }: { status: RunStatus | undefined }) {
  const [text, setText] = useState('');
  const was = useRef(status);
  useEffect(() => {
    const before = was.current;
    was.current = status;
    if (!status || before === status) return;
    if (BUSY.includes(status)) {
      if (!before || !BUSY.includes(before)) setText('Agent is working');
    } else if (before && BUSY.includes(before)) {
      setText(status === 'SUCCEEDED' ? 'Answer finished' : status === 'CANCELLED' ? 'Agent stopped' : 'Answer failed');
    }
  }, [status]);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
