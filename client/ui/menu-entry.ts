import type { ReactNode } from 'react';

export interface MenuAction {
  label: string;
  icon?: ReactNode;
  /** For a choice among several: whether it is the one. */
  isChecked?: boolean;
  isDanger?: boolean;
  onSelect(): void;
}

export type MenuEntry = MenuAction | { heading: string } | 'line';
