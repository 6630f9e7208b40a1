import {
  type KeyboardEvent,
  lazy,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  Suspense,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { MenuEntry } from './menu-entry.ts';

/** Menus are no part of the first screen, so what draws them is loaded when the first one is opened or about to be. */
const loadPopup = () => import('./MenuPopup.tsx');
const MenuPopup = lazy(loadPopup);

interface TriggerProps {
  'aria-haspopup': 'menu';
  'aria-expanded': boolean;
  'data-open': boolean;
  onClick(event: MouseEvent<HTMLElement>): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onPointerEnter(): void;
}

interface MenuProps {
  entries: MenuEntry[];
  align?: 'start' | 'end';
  /** A first line that is no action. */
  header?: ReactNode;
  /** The button that opens it. */
  children(props: TriggerProps): ReactNode;
}

/** A menu that drops from a button. */
export function Menu({ entries, align = 'start', header, children }: MenuProps) {
  const [trigger, setTrigger] = useState<HTMLElement | null>(null);
  const open = (event: MouseEvent<HTMLElement> | KeyboardEvent<HTMLElement>) => setTrigger(event.currentTarget);
  return (
    <>
      {children({
        'aria-haspopup': 'menu',
        'aria-expanded': trigger !== null,
        'data-open': trigger !== null,
        onClick: (event) => (trigger ? setTrigger(null) : open(event)),
        onKeyDown: (event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          open(event);
        },
        onPointerEnter: () => void loadPopup(),
      })}
      {trigger && (
        <Suspense fallback={null}>
          <MenuPopup
            anchor={trigger.getBoundingClientRect()}
            align={align}
            entries={entries}
            header={header}
            returnFocusTo={trigger}
            onClose={() => setTrigger(null)}
          />
        </Suspense>
      )}
    </>
  );
}

const LONG_PRESS_MS = 500;
const STILL_PX = 8;

interface ContextMenuProps {
  entries: MenuEntry[];
  className?: string;
  children: ReactNode;
}

/** A menu under a right click, Shift+F10 or a long press. */
export function ContextMenu({ entries, className, children }: ContextMenuProps) {
  const [at, setAt] = useState<DOMRect | null>(null);
  const focused = useRef<HTMLElement | null>(null);
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null);
  const wasLong = useRef(false);

  const open = (x: number, y: number) => {
    focused.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setAt(new DOMRect(x, y, 0, 0));
  };
  const release = () => {
    clearTimeout(press.current?.timer);
    press.current = null;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it is taken off the page
  useEffect(() => release, []);

  const onPointerDown = (event: PointerEvent) => {
    wasLong.current = false;
    if (event.pointerType === 'mouse') return;
    const { clientX: x, clientY: y } = event;
    const timer = setTimeout(() => {
      wasLong.current = true;
      open(x, y);
    }, LONG_PRESS_MS);
    press.current = { timer, x, y };
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = press.current ?? {};
    if (x === undefined || y === undefined) return;
    if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) release();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: whatever is inside stays what it is; this adds a second way to its menu button
    <div
      className={className}
      onContextMenu={(event) => {
        event.preventDefault();
        release();
        // From the keyboard there is no pointer: the menu opens at what has the focus.
        const box = event.currentTarget.getBoundingClientRect();
        const isKeyboard = event.clientX === 0 && event.clientY === 0;
        open(isKeyboard ? box.left + 24 : event.clientX, isKeyboard ? box.bottom : event.clientY);
      }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={release}
      onPointerCancel={release}
      onClickCapture={(event) => {
        if (!wasLong.current) return;
        wasLong.current = false;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {children}
      {at && (
        <Suspense fallback={null}>
          <MenuPopup
            anchor={at}
            align="start"
            entries={entries}
            returnFocusTo={focused.current}
            onClose={() => setAt(null)}
          />
        </Suspense>
      )}
    </div>
  );
}
