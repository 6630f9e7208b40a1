import { type ReactNode, useId } from 'react';

interface SettingsSectionProps {
  title: string;
  /** What it is good for, in a sentence or two. */
  text: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** One group of settings. */
export function SettingsSection({ title, text, actions, children }: SettingsSectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="rounded-card border border-line bg-card">
      <header className="flex flex-wrap items-start gap-3 px-5 pt-4">
        <div className="min-w-64 flex-1">
          <h2 id={id} className="text-head font-semibold">
            {title}
          </h2>
          <p className="mt-0.5 max-w-[62ch] text-control text-second">{text}</p>
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      <div className="px-5 pt-2 pb-4">{children}</div>
    </section>
  );
}
