import { Check, Copy } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { useCopy } from '../ui/useCopy.ts';

export function CodeBlock({ language, children }: { language: string; children: ReactNode }) {
  const block = useRef<HTMLPreElement>(null);
  const { hasCopied, copy } = useCopy();
  return (
    <div className="overflow-hidden rounded-card border border-line bg-card">
      <div className="flex h-8 items-center justify-between pr-1 pl-3">
        <span className="font-mono text-meta text-third">{language || 'text'}</span>
        <IconButton
          label={hasCopied ? 'Copied' : 'Copy code'}
          className="!size-6 !min-h-0 !min-w-0"
          onClick={() => void copy(block.current?.textContent ?? '')}
        >
          {hasCopied ? (
            <Check size={14} strokeWidth={1.75} className="text-add" aria-hidden />
          ) : (
            <Copy size={14} strokeWidth={1.75} aria-hidden />
          )}
        </IconButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide code is scrolled with the arrow keys */}
      <pre ref={block} tabIndex={0} className="overflow-x-auto border-line border-t px-3 py-2.5 font-mono text-code">
        {children}
      </pre>
    </div>
  );
}
