import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover border-transparent',
  plain: 'bg-card text-text border-line-strong hover:bg-hover',
  quiet: 'bg-transparent text-second border-transparent hover:bg-hover hover:text-text',
  danger: 'bg-danger text-on-danger border-transparent hover:opacity-90',
};

interface ButtonProps extends ComponentProps<'button'> {
  look?: keyof typeof looks;
  icon?: ReactNode;
  /** Shows that it is at work, and takes no second press. */
  isBusy?: boolean;
}

export function Button({ look = 'plain', icon, isBusy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : rest.onClick}
      className={classNames(
        'target inline-flex h-8 shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-control border px-3 text-control font-medium transition-colors disabled:opacity-50',
        looks[look],
        className,
      )}
    >
      {isBusy ? <LoaderCircle className="turns" size={14} strokeWidth={1.75} aria-hidden /> : icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does, for those who cannot see the icon. */
  label: string;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      {...rest}
      className={classNames(
        'target inline-flex size-7 shrink-0 items-center justify-center rounded-control text-second transition-colors hover:bg-hover hover:text-text disabled:opacity-50',
        className,
      )}
    >
      {children}
    </button>
  );
}
