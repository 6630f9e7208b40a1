import type { ReactNode } from 'react';
import { Skeleton } from '../ui/Skeleton.tsx';

/** The shape of a conversation before it is there. */
export function ConversationSkeleton({ leading }: { leading?: ReactNode }) {
  return (
    <section aria-label="Conversation" aria-busy className="flex h-full flex-col">
      <div className="flex h-[46px] shrink-0 items-center gap-3 border-line border-b px-5 max-lg:pl-2 max-sm:h-14">
        {leading}
        <Skeleton className="h-3.5 w-40" />
      </div>
      <div
        role="status"
        aria-label="Loading the conversation"
        className="mx-auto w-full max-w-[47rem] flex-1 px-5 pt-5"
      >
        <Skeleton className="ml-auto h-10 w-2/5 rounded-[12px]" />
        <Skeleton className="mt-6 h-3.5 w-4/5" />
        <Skeleton className="mt-2.5 h-3.5 w-3/5" />
        <Skeleton className="mt-5 h-[34px] rounded-card" />
        <Skeleton className="mt-2.5 h-24 rounded-card" />
      </div>
    </section>
  );
}
