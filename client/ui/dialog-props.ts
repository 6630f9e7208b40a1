import type { ReactNode } from 'react';

export interface DialogProps {
  title: string;
  description?: string;
  isWide?: boolean;
  children: ReactNode;
  onClose(): void;
}

export interface ConfirmDialogProps {
  title: string;
  /** What will be gone and what stays. */
  description: string;
  /** Below the description: what else is to be decided. */
  children?: ReactNode;
  /** The verb on the button. */
  action: string;
  isBusy?: boolean;
  onConfirm(): void;
  onClose(): void;
}

export interface DrawerProps {
  title: string;
  side: 'left' | 'right';
  children: ReactNode;
  onClose(): void;
}
