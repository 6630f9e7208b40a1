import { lazy, type ReactNode, Suspense } from 'react';

/** Dialogs are no part of the first screen, so what draws them is loaded when the first one opens. */
const loadPopups = () => import('./DialogPopup.tsx');
const DialogPopup = lazy(async () => ({ default: (await loadPopups()).DialogPopup }));
const ConfirmPopup = lazy(async () => ({ default: (await loadPopups()).ConfirmPopup }));
const DrawerPopup = lazy(async () => ({ default: (await loadPopups()).DrawerPopup }));

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

interface Opening {
  isOpen: boolean;
}

export function Dialog({ isOpen, ...props }: DialogProps & Opening) {
  return <Suspense fallback={null}>{isOpen && <DialogPopup {...props} />}</Suspense>;
}

export function ConfirmDialog({ isOpen, ...props }: ConfirmDialogProps & Opening) {
  return <Suspense fallback={null}>{isOpen && <ConfirmPopup {...props} />}</Suspense>;
}

/** A column that is laid over the page where there is no room beside it. */
export function Drawer({ isOpen, ...props }: DrawerProps & Opening) {
  return <Suspense fallback={null}>{isOpen && <DrawerPopup {...props} />}</Suspense>;
}
