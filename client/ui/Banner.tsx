import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A slim bar across the page; red for danger, amber for something to look at. */
export function Banner({ tone, children }: { tone: 'danger' | 'warning'; children: ReactNode }) {
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={classNames(
        'flex items-center justify-center gap-2 px-4 py-1.5 text-control',
        tone === 'danger' ? 'bg-danger text-on-danger' : 'border-warn-line border-b bg-warn-wash text-warn',
      )}
    >
      <TriangleAlert size={14} strokeWidth={1.75} className="shrink-0" aria-hidden />
      <p className="min-w-0">{children}</p>
    </div>
  );
}
