import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface DrawerProps {
  isOpen: boolean;
  title: string;
  side: 'left' | 'right';
  children: ReactNode;
  onClose(): void;
}

/** A column that is laid over the page where there is no room beside it. */
export function Drawer({ isOpen, title, side, children, onClose }: DrawerProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="veil fixed inset-0 z-30 bg-veil" />
        <Dialog.Content
          aria-describedby={undefined}
          className={classNames(
            'veil fixed inset-y-0 z-30 flex w-[min(22rem,88vw)] flex-col bg-panel shadow-float outline-none',
            side === 'left' ? 'left-0' : 'right-0',
          )}
        >
          <Dialog.Title className="sr-only">{title}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
