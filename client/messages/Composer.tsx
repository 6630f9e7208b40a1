import { ArrowUp, Square } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';
import { classNames } from '../ui/class-names.ts';
import { Kbd } from '../ui/Kbd.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';

interface ComposerProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  isRunning: boolean;
  isStopping: boolean;
  onChange(text: string): void;
  onSend(): void;
  onStop(): void;
}

const ASKED_FOR_MS = 3000;

/** Where one writes. It never locks: while a run is on, what is sent waits in the queue. */
export function Composer({ field, text, isRunning, isStopping, onChange, onSend, onStop }: ComposerProps) {
  const [asksToStop, setAsksToStop] = useState(false);
  const canSend = text.trim() !== '';

  useEffect(() => {
    if (!isRunning) setAsksToStop(false);
    if (!asksToStop) return;
    const timer = setTimeout(() => setAsksToStop(false), ASKED_FOR_MS);
    return () => clearTimeout(timer);
  }, [asksToStop, isRunning]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (canSend) onSend();
    } else if (event.key === 'Escape' && isRunning) {
      event.preventDefault();
      if (asksToStop) onStop();
      setAsksToStop(!asksToStop);
    }
  };

  return (
    <div className="rounded-composer border border-line-strong bg-card transition-colors has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:outline-1 has-[textarea:focus-visible]:outline-accent">
      <textarea
        ref={field}
        aria-label="Message"
        placeholder={isRunning ? 'Reply, or queue the next message…' : 'Write a message…'}
        rows={1}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content block max-h-[38dvh] min-h-[50px] w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-read outline-none"
      />
      <div className="flex items-center gap-2 px-3 pb-3">
        <p className="min-w-0 flex-1 truncate px-1 text-meta text-third" aria-live="polite">
          {asksToStop ? (
            <span className="text-warn">Press Esc again to stop the agent</span>
          ) : (
            <span className="flex items-center gap-1.5 pointer-coarse:hidden">
              <Kbd>Enter</Kbd> {isRunning ? 'to queue' : 'to send'} <Kbd>Shift Enter</Kbd> for a new line
            </span>
          )}
        </p>
        {isRunning && (
          <Tooltip text="Stop the agent (Esc)">
            <button
              type="button"
              aria-label="Stop the agent"
              aria-disabled={isStopping || undefined}
              onClick={isStopping ? undefined : onStop}
              className={classNames(
                'target flex size-[30px] items-center justify-center rounded-[8px] bg-text text-bg transition-opacity hover:opacity-85',
                isStopping && 'breathes',
              )}
            >
              <Square size={13} strokeWidth={2} aria-hidden />
            </button>
          </Tooltip>
        )}
        {(!isRunning || canSend) && (
          <button
            type="button"
            aria-label={isRunning ? 'Queue message' : 'Send message'}
            disabled={!canSend}
            onClick={onSend}
            className="target flex size-[30px] items-center justify-center rounded-[8px] bg-accent text-on-accent transition-colors hover:bg-accent-hover disabled:bg-hover disabled:text-third"
          >
            <ArrowUp size={16} strokeWidth={2} aria-hidden />
          </button>
        )}
      </div>
    </div>
  );
}
