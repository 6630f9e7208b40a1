import { CircleAlert, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { Button, IconButton } from './Button.tsx';

interface ToastContent {
  text: string;
  isProblem?: boolean;
  action?: { label: string; onSelect(): void };
}

const ToastContext = createContext<(content: ToastContent) => void>(() => {});

/** Says something in a corner for some seconds; problems and offers to undo stay longer. */
export const useToast = () => useContext(ToastContext);

const SHOWN_MS = 4_000;
const SHOWN_LONG_MS = 9_000;
const MOST = 3;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(ToastContent & { id: number })[]>([]);
  const nextId = useRef(0);
  const show = useCallback((content: ToastContent) => {
    nextId.current += 1;
    const id = nextId.current;
    setToasts((before) => [...before.slice(1 - MOST), { ...content, id }]);
  }, []);
  const remove = useCallback((id: number) => setToasts((before) => before.filter((toast) => toast.id !== id)), []);

  return (
    <ToastContext value={show}>
      {children}
      <section
        aria-label="Notifications"
        aria-live="polite"
        className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2"
      >
        {toasts.map((toast) => (
          <Toast key={toast.id} toast={toast} onRemove={remove} />
        ))}
      </section>
    </ToastContext>
  );
}

function Toast({ toast, onRemove }: { toast: ToastContent & { id: number }; onRemove(id: number): void }) {
  const { id, text, isProblem, action } = toast;
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    // Nobody has to hurry: it stays while it is pointed at or has the focus.
    if (isHeld) return;
    const timer = setTimeout(() => onRemove(id), isProblem || action ? SHOWN_LONG_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, isHeld, isProblem, action, onRemove]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notices that it is being read
    <div
      role={isProblem ? 'alert' : undefined}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      onKeyDown={({ key }) => key === 'Escape' && onRemove(id)}
      className="floats pointer-events-auto flex items-center gap-3 rounded-card border border-line bg-raised py-2 pr-2 pl-3.5 shadow-float"
    >
      {isProblem && <CircleAlert size={16} strokeWidth={1.75} className="shrink-0 text-del" aria-hidden />}
      <p className="min-w-0 flex-1 break-words text-control">{text}</p>
      {action && (
        <Button
          onClick={() => {
            onRemove(id);
            action.onSelect();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" onClick={() => onRemove(id)}>
        <X size={14} strokeWidth={1.75} aria-hidden />
      </IconButton>
    </div>
  );
}
