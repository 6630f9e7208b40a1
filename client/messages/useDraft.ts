import { useState } from 'react';
import { readStored, writeStored } from '../ui/useStored.ts';

/** What is being written in a session, kept over reloads and while other sessions are looked at. */
export function useDraft(chatSessionId: string): [string, (text: string) => void] {
  const key = `kosuke.draft.${chatSessionId}`;
  const [text, setText] = useState(() => readStored(key) ?? '');
  return [
    text,
    (next) => {
      setText(next);
      writeStored(key, next === '' ? null : next);
    },
  ];
}
