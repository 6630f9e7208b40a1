import type { ReactNode } from 'react';

interface MessageProps {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  /** What can be done about it. */
  actions?: ReactNode;
  level?: 1 | 2;
}

/** The middle of a page or panel that has nothing else to show: empty, failed, not found. */
export function CentredMessage({ title, children, icon, actions, level = 2 }: MessageProps) {
  const Title = level === 1 ? 'h1' : 'h2';
  return (
    <div className="flex min-h-full flex-col items-center justify-center px-6 py-10 text-center">
      {icon && (
        <div className="mb-4 flex size-11 items-center justify-center rounded-card border border-line bg-card text-second">
          {icon}
        </div>
      )}
      <Title className="text-head font-semibold">{title}</Title>
      {children && <div className="mt-1.5 max-w-[26rem] text-read text-second">{children}</div>}
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
