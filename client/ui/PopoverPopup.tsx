import { Popover } from 'radix-ui';
import { createPortal } from 'react-dom';
import type { PopoverContentProps } from './popover-props.ts';

interface PopoverPopupProps extends PopoverContentProps {
  /** What it opens beside, in the window. */
  anchor: DOMRect;
  returnFocusTo: HTMLElement | null;
  onClose(): void;
}

export default function PopoverPopup({ title, align, anchor, returnFocusTo, onClose, children }: PopoverPopupProps) {
  const { left, top, width, height } = anchor;
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      {createPortal(
        <Popover.Anchor asChild>
          <span aria-hidden className="pointer-events-none fixed" style={{ left, top, width, height }} />
        </Popover.Anchor>,
        document.body,
      )}
      <Popover.Portal>
        <Popover.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={title}
          className="floats z-50 max-h-[var(--radix-popover-content-available-height)] w-[min(22rem,calc(100vw-1rem))] overflow-y-auto rounded-card border border-line bg-raised shadow-float outline-none"
          onInteractOutside={(event) => {
            // The button closes it by itself; without this it would open it again.
            if (event.target instanceof Node && returnFocusTo?.contains(event.target)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            returnFocusTo?.focus({ preventScroll: true });
          }}
        >
          {children(onClose)}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
