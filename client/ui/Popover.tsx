import { lazy, type MouseEvent, type ReactNode, Suspense, useState } from 'react';
import type { PopoverContentProps } from './popover-props.ts';

/** What floats is no part of the first screen: it is loaded when it is about to be opened. */
const loadPopup = () => import('./PopoverPopup.tsx');
const PopoverPopup = lazy(loadPopup);

interface TriggerProps {
  'aria-haspopup': 'dialog';
  'aria-expanded': boolean;
  onClick(event: MouseEvent<HTMLElement>): void;
  onPointerEnter(): void;
}

interface PopoverProps extends PopoverContentProps {
  /** The button that opens it. */
  trigger(props: TriggerProps): ReactNode;
}

/** A small card that drops from a button. */
export function Popover({ trigger, ...content }: PopoverProps) {
  const [opener, setOpener] = useState<HTMLElement | null>(null);
  return (
    <>
      {trigger({
        'aria-haspopup': 'dialog',
        'aria-expanded': opener !== null,
        onClick: ({ currentTarget }) => setOpener(opener ? null : currentTarget),
        onPointerEnter: () => void loadPopup(),
      })}
      {opener && (
        <Suspense fallback={null}>
          <PopoverPopup
            {...content}
            anchor={opener.getBoundingClientRect()}
            returnFocusTo={opener}
            onClose={() => setOpener(null)}
          />
        </Suspense>
      )}
    </>
  );
}
