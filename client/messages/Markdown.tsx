import { type ComponentProps, memo, useDeferredValue } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './CodeBlock.tsx';
import { safeAddress } from './safe-address.ts';

const plugins = [remarkGfm];

/** Opens elsewhere, and tells the other page nothing. What is no address of the web is shown as the words alone. */
function OutsideLink({ href, children }: ComponentProps<'a'>) {
  const address = safeAddress(href);
  if (!address) return <span>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer" className="text-accent underline underline-offset-2">
      {children}
    </a>
  );
}

const components: Components = {
  a: OutsideLink,
  // Loading a picture would tell its server who reads this, so it stays a link.
  img: ({ src, alt }) => <OutsideLink href={typeof src === 'string' ? src : undefined}>{alt || 'Image'}</OutsideLink>,
  pre: ({ node, children }) => {
    const code = node?.children[0];
    const names = code?.type === 'element' ? code.properties.className : undefined;
    const language = Array.isArray(names) ? String(names[0] ?? '').replace('language-', '') : '';
    return <CodeBlock language={language}>{children}</CodeBlock>;
  },
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => <input type="checkbox" checked={checked ?? false} readOnly disabled aria-label="Task" />,
};

/** Markdown of an agent or a file: untrusted. HTML in it is shown as the text it is. */
const Markdown = memo(function Markdown({ text }: { text: string }) {
  // While text streams in, keeping up with typing matters more than showing the last piece in the same frame.
  const deferred = useDeferredValue(text);
  return (
    <div className="prose">
      <ReactMarkdown remarkPlugins={plugins} components={components} urlTransform={(url) => safeAddress(url) ?? ''}>
        {deferred}
      </ReactMarkdown>
    </div>
  );
});

export default Markdown;
