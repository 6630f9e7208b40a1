import { X } from 'lucide-react';
import { AlertDialog, Dialog as RadixDialog } from 'radix-ui';
import { Button, IconButton } from './Button.tsx';
import { classNames } from './class-names.ts';
import type { ConfirmDialogProps, DialogProps, DrawerProps } from './dialog-props.ts';

const veil = 'veil fixed inset-0 z-40 bg-veil';
const surface =
  'floats fixed top-1/2 left-1/2 z-50 flex max-h-[min(90dvh,44rem)] w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col rounded-card border border-line bg-raised shadow-float';

export function DialogPopup({ title, description, isWide = false, children, onClose }: DialogProps) {
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={veil} />
        <RadixDialog.Content
          className={classNames(surface, isWide && '!w-[min(36rem,calc(100vw-2rem))]')}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <div className="flex items-start gap-3 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <RadixDialog.Title className="text-head font-semibold">{title}</RadixDialog.Title>
              {description && (
                <RadixDialog.Description className="mt-1 text-control text-second">
                  {description}
                </RadixDialog.Description>
              )}
            </div>
            <RadixDialog.Close asChild>
              <IconButton label="Close">
                <X size={16} strokeWidth={1.75} aria-hidden />
              </IconButton>
            </RadixDialog.Close>
          </div>
          <div className="min-h-0 overflow-y-auto px-5 pt-4 pb-5">{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

export function ConfirmPopup({ title, description, children, action, isBusy, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={veil} />
        <AlertDialog.Content className={surface}>
          <div className="px-5 pt-4 pb-5">
            <AlertDialog.Title className="text-head font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description className="mt-1.5 text-control text-second">{description}</AlertDialog.Description>
            {children && <div className="mt-4">{children}</div>}
            <div className="mt-5 flex justify-end gap-2">
              <AlertDialog.Cancel asChild>
                <Button>Cancel</Button>
              </AlertDialog.Cancel>
              <Button look="danger" isBusy={isBusy} onClick={onConfirm}>
                {action}
              </Button>
            </div>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

export function DrawerPopup({ title, side, children, onClose }: DrawerProps) {
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={veil} />
        <RadixDialog.Content
          aria-describedby={undefined}
          // The first thing in it is a field, and the keyboard of a touch screen would cover the rest.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          className={classNames(
            'veil fixed inset-y-0 z-40 flex w-[min(22rem,88vw)] flex-col bg-panel shadow-float outline-none',
            side === 'left' ? 'left-0' : 'right-0',
          )}
        >
          <RadixDialog.Title className="sr-only">{title}</RadixDialog.Title>
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
