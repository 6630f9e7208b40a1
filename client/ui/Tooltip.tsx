import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

const DELAY_MS = 350;
const GAP_PX = 6;

/** A few words on what is pointed at or has the focus. Around one element, whose box it takes. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  const id = useId();
  const around = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [box, setBox] = useState<DOMRect | null>(null);

  const show = (delayMs: number) => {
    clearTimeout(timer.current);
    const target = around.current?.firstElementChild;
    timer.current = setTimeout(() => target?.isConnected && setBox(target.getBoundingClientRect()), delayMs);
  };
  const hide = () => {
    clearTimeout(timer.current);
    setBox(null);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what is inside
    <span
      ref={around}
      className="contents"
      onPointerEnter={({ pointerType }) => pointerType === 'mouse' && show(DELAY_MS)}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={({ target }) => target.matches(':focus-visible') && show(0)}
      onBlur={hide}
      onKeyDown={({ key }) => key === 'Escape' && hide()}
    >
      {children}
      {box && createPortal(<Popup id={id} box={box} text={text} />, document.body)}
    </span>
  );
}

/** Above what it is about, or below where there is no room. */
function Popup({ id, box, text }: { id: string; box: DOMRect; text: string }) {
  const isBelow = box.top < 48;
  const middle = Math.min(Math.max(box.left + box.width / 2, 12), window.innerWidth - 12);
  const share = middle / window.innerWidth;
  return (
    <span
      id={id}
      role="tooltip"
      className="veil pointer-events-none fixed z-50 w-max max-w-72 break-words rounded-[6px] bg-text px-2 py-1 text-meta text-bg shadow-float"
      style={{
        left: middle,
        top: isBelow ? box.bottom + GAP_PX : box.top - GAP_PX,
        // Slides along itself by where it stands, so it never leaves the window.
        transform: `translate(${-share * 100}%, ${isBelow ? '0' : '-100%'})`,
      }}
    >
      {text}
    </span>
  );
}
