import type { KeyboardEvent, PointerEvent } from 'react';

interface ResizeHandleProps {
  /** What it makes wider, for those who cannot see it. */
  label: string;
  /** Which side of it that is. */
  side: 'left' | 'right';
  width: number;
  min: number;
  max: number;
  onChange(width: number): void;
}

const STEP = 24;

/** The line between two columns, moved by pointer or arrow keys. */
export function ResizeHandle({ label, side, width, min, max, onChange }: ResizeHandleProps) {
  const towards = side === 'left' ? 1 : -1;
  const resize = (to: number) => onChange(Math.round(Math.min(max, Math.max(min, to))));

  const onPointerDown = (down: PointerEvent<HTMLElement>) => {
    const handle = down.currentTarget;
    handle.setPointerCapture(down.pointerId);
    const onMove = (move: globalThis.PointerEvent) => resize(width + (move.clientX - down.clientX) * towards);
    handle.addEventListener('pointermove', onMove);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', onMove), {
      once: true,
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowRight' ? towards : event.key === 'ArrowLeft' ? -towards : 0;
    if (direction === 0) return;
    event.preventDefault();
    resize(width + direction * STEP);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this is the window splitter of the ARIA patterns
    <div
      role="separator"
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      className="relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-line transition-colors before:absolute before:inset-y-0 before:-inset-x-1 hover:bg-accent"
    />
  );
}
