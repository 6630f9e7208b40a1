import { lazy, Suspense } from 'react';

const Markdown = lazy(() => import('./Markdown.tsx'));

/** Words as Markdown; as plain text for the moment until the part that reads Markdown is loaded. */
export function TextView({ text }: { text: string }) {
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{text}</div>}>
      <Markdown text={text} />
    </Suspense>
  );
}
