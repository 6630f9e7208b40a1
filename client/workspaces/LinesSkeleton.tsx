import { Skeleton } from '../ui/Skeleton.tsx';

/** Lines that are on their way. */
export function LinesSkeleton() {
  return (
    <div role="status" aria-label="Loading the lines" className="grid gap-2 px-4 py-3">
      <Skeleton className="h-3.5 w-1/2" />
      <Skeleton className="h-3.5 w-3/4" />
      <Skeleton className="h-3.5 w-2/3" />
    </div>
  );
}
