import type { ReactNode } from 'react';
import { classNames } from '../ui/class-names.ts';
import { Spoken } from './Spoken.tsx';

interface BubbleProps {
  children: string;
  /** Not in the conversation yet. */
  isWaiting?: boolean;
  /** Below the words: state and buttons. */
  footer?: ReactNode;
}

/** What a person said. */
export function Bubble({ children, isWaiting = false, footer }: BubbleProps) {
  return (
    <div className="flex flex-col items-end">
      <div
        className={classNames(
          'max-w-[85%] whitespace-pre-wrap break-words rounded-[12px] rounded-br-[4px] px-3.5 py-2 text-read',
          isWaiting ? 'border border-line-strong border-dashed bg-transparent text-second' : 'bg-wash',
        )}
      >
        <Spoken text={children} />
      </div>
      {footer && (
        <div className="mt-1 flex flex-wrap items-center justify-end gap-1 text-meta text-third">{footer}</div>
      )}
    </div>
  );
}
