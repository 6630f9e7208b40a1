import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { createPortal } from 'react-dom';
import { classNames } from './class-names.ts';
import type { MenuEntry } from './menu-entry.ts';

const row =
  'target flex h-8 cursor-default items-center gap-2 rounded-[6px] px-2 text-control outline-none select-none data-[highlighted]:bg-hover';

interface MenuPopupProps {
  /** What it opens beside, in the window. */
  anchor: DOMRect;
  align: 'start' | 'end';
  entries: MenuEntry[];
  header?: ReactNode;
  returnFocusTo: HTMLElement | null;
  onClose(): void;
}

/** The open menu. What is chosen runs after it is gone, so that it may move the focus. */
export default function MenuPopup({ anchor, align, entries, header, returnFocusTo, onClose }: MenuPopupProps) {
  const chosen = useRef<(() => void) | null>(null);
  const { left, top, width, height } = anchor;
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      {createPortal(
        <DropdownMenu.Trigger asChild>
          <span aria-hidden tabIndex={-1} className="pointer-events-none fixed" style={{ left, top, width, height }} />
        </DropdownMenu.Trigger>,
        document.body,
      )}
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label="Menu"
          className="floats z-50 min-w-52 max-w-80 rounded-card border border-line bg-raised p-1 shadow-float outline-none"
          onInteractOutside={(event) => {
            // The button closes its menu by itself; without this it would open it again.
            if (event.target instanceof Node && returnFocusTo?.contains(event.target)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            returnFocusTo?.focus({ preventScroll: true });
            chosen.current?.();
          }}
        >
          {header}
          {entries.map((entry, index) => {
            if (entry === 'line') {
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name of their own and never move
              return <DropdownMenu.Separator key={index} className="my-1 h-px bg-line" />;
            }
            if ('heading' in entry) {
              return (
                <DropdownMenu.Label key={entry.heading} className="px-2 pt-1.5 pb-1 text-meta font-medium text-third">
                  {entry.heading}
                </DropdownMenu.Label>
              );
            }
            const { label, icon, isChecked, isDanger, onSelect } = entry;
            return (
              <DropdownMenu.Item
                key={label}
                onSelect={() => {
                  chosen.current = onSelect;
                }}
                className={classNames(row, isDanger ? 'text-del' : 'text-text')}
                {...(isChecked === undefined ? {} : { role: 'menuitemradio', 'aria-checked': isChecked })}
              >
                {icon && <span className={isDanger ? '' : 'text-second'}>{icon}</span>}
                <span className="min-w-0 flex-1 truncate">{label}</span>
                {isChecked && <Check size={14} strokeWidth={1.75} className="text-accent" aria-hidden />}
              </DropdownMenu.Item>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
