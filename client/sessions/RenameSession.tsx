import { type KeyboardEvent, useRef, useState } from 'react';
import { useChangeSession } from './useChangeSession.ts';

interface RenameSessionProps {
  id: string;
  title: string;
  onDone(): void;
}

/** The title of a session as a field, in the place of its row. Enter or leaving keeps it, Esc does not. */
export function RenameSession({ id, title, onDone }: RenameSessionProps) {
  const [draft, setDraft] = useState(title);
  const { rename } = useChangeSession(id);
  const isOver = useRef(false);

  const end = (isKept: boolean) => {
    if (isOver.current) return;
    isOver.current = true;
    const wanted = draft.trim();
    if (isKept && wanted !== '' && wanted !== title) void rename(wanted);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.nativeEvent.isComposing) end(event.key === 'Enter');
  };

  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: renaming was just asked for
      autoFocus
      aria-label={`New name of ${title}`}
      value={draft}
      maxLength={100}
      onChange={(event) => setDraft(event.target.value)}
      onFocus={(event) => event.target.select()}
      onKeyDown={onKeyDown}
      onBlur={() => end(true)}
      className="my-[3px] h-[44px] w-full rounded-[8px] border border-accent bg-card px-[23px] text-read outline-none"
    />
  );
}
