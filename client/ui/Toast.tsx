import { CircleAlert, X } from 'lucide-react';
import { Toast as RadixToast } from 'radix-ui';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { Button, IconButton } from './Button.tsx';

interface ToastContent {
  text: string;
  isProblem?: boolean;
  action?: { label: string; onSelect(): void };
}

const ToastContext = createContext<(content: ToastContent) => void>(() => {});

/** Says something in a corner for some seconds; problems and offers to undo stay longer. */
export const useToast = () => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(ToastContent & { id: number })[]>([]);
  const nextId = useRef(0);
  const show = useCallback((content: ToastContent) => {
    nextId.current += 1;
    const id = nextId.current;
    setToasts((before) => [...before.slice(-2), { ...content, id }]);
  }, []);
  const remove = (id: number) => setToasts((before) => before.filter((toast) => toast.id !== id));

  return (
    <ToastContext value={show}>
      <RadixToast.Provider swipeDirection="right" label="Notification">
        {children}
        {toasts.map(({ id, text, isProblem, action }) => (
          <RadixToast.Root
            key={id}
            duration={isProblem || action ? 9000 : 4000}
            type={isProblem ? 'foreground' : 'background'}
            onOpenChange={(open) => !open && remove(id)}
            className="floats flex items-center gap-3 rounded-card border border-line bg-raised py-2 pr-2 pl-3.5 shadow-float"
          >
            {isProblem && <CircleAlert size={16} strokeWidth={1.75} className="shrink-0 text-del" aria-hidden />}
            <RadixToast.Description className="min-w-0 flex-1 text-control">{text}</RadixToast.Description>
            {action && (
              <RadixToast.Action asChild altText={action.label} onClick={action.onSelect}>
                <Button>{action.label}</Button>
              </RadixToast.Action>
            )}
            <RadixToast.Close asChild>
              <IconButton label="Dismiss">
                <X size={14} strokeWidth={1.75} aria-hidden />
              </IconButton>
            </RadixToast.Close>
          </RadixToast.Root>
        ))}
        <RadixToast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 outline-none" />
      </RadixToast.Provider>
    </ToastContext>
  );
}
