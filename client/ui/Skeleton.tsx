import { classNames } from './class-names.ts';

/** Keeps the place of what is still being loaded. Sizes come as classes. */
export function Skeleton({ className }: { className: string }) {
  return <div aria-hidden className={classNames('skeleton', className)} />;
}
