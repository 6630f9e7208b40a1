import { type ComponentProps, useId } from 'react';
import { classNames } from './class-names.ts';
import { Problem } from './Field.tsx';

interface TextAreaProps extends ComponentProps<'textarea'> {
  label: string;
  hint?: string;
  /** Why the text cannot be used. */
  problem?: string | null;
  isCode?: boolean;
}

/** Several lines to fill in, with their name above and what is wrong with them below. */
export function TextArea({ label, hint, problem, isCode = false, className, ...rest }: TextAreaProps) {
  const id = useId();
  const note = problem || hint ? `${id}-note` : undefined;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-control font-medium">
        {label}
      </label>
      <textarea
        id={id}
        autoComplete="off"
        spellCheck={false}
        rows={6}
        {...rest}
        aria-invalid={problem ? true : undefined}
        aria-describedby={note}
        className={classNames(
          'w-full resize-y rounded-control border bg-card px-2.5 py-2 text-control',
          isCode && 'font-mono text-code',
          problem ? 'border-del' : 'border-line-strong',
        )}
      />
      {problem ? (
        <Problem id={`${id}-note`} text={problem} />
      ) : (
        hint && (
          <p id={`${id}-note`} className="mt-1 text-meta text-third">
            {hint}
          </p>
        )
      )}
    </div>
  );
}
