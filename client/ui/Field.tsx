import { CircleAlert } from 'lucide-react';
import { type ComponentProps, useId } from 'react';
import { classNames } from './class-names.ts';

interface FieldProps extends ComponentProps<'input'> {
  label: string;
  hint?: string;
  /** Why the value cannot be used. */
  problem?: string | null;
  isCode?: boolean;
}

/** One line to fill in, with its name above and what is wrong with it below. */
export function Field({ label, hint, problem, isCode = false, className, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-control font-medium">
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        spellCheck={false}
        {...rest}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || hint ? `${id}-note` : undefined}
        className={classNames(
          'target h-9 w-full rounded-control border bg-card px-2.5 text-control',
          isCode && 'font-mono text-code',
          problem ? 'border-del' : 'border-line-strong',
        )}
      />
      {problem ? (
        <Problem id={`${id}-note`} text={problem} />
      ) : (
        hint && (
          <p id={`${id}-note`} className="mt-1.5 text-meta text-third">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

/** A sentence on what is wrong, beside the thing that is. */
export function Problem({ id, text, className }: { id?: string; text: string; className?: string }) {
  return (
    <p id={id} role="alert" className={classNames('mt-1.5 flex gap-1.5 text-control text-del', className)}>
      <CircleAlert size={14} strokeWidth={1.75} className="mt-0.5 shrink-0" aria-hidden />
      <span className="min-w-0 break-words">{text}</span>
    </p>
  );
}
