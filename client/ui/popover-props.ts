import type { ReactNode } from 'react';

export interface PopoverContentProps {
  /** What it is about, for those who do not see where it opens. */
  title: string;
  align: 'start' | 'end';
  children(close: () => void): ReactNode;
}
