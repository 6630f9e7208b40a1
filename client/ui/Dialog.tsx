import { lazy, Suspense } from 'react';
import type { ConfirmDialogProps, DialogProps, DrawerProps } from './dialog-props.ts';

/** Dialogs are no part of the first screen, so what draws them is loaded when the first one opens. */
const loadPopups = () => import('./DialogPopup.tsx');
const DialogPopup = lazy(async () => ({ default: (await loadPopups()).DialogPopup }));
const ConfirmPopup = lazy(async () => ({ default: (await loadPopups()).ConfirmPopup }));
const DrawerPopup = lazy(async () => ({ default: (await loadPopups()).DrawerPopup }));

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
