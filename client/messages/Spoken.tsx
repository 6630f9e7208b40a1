import { Fragment } from 'react';
import { splitFences } from './split-fences.ts';

/** The person's words as written; what stands between fences, and commands, as code. */
export function Spoken({ text }: { text: string }) {
  return splitFences(text).map((piece, index) =>
    piece.kind === 'code' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a message never change their order
      <span key={index} className="my-1.5 block overflow-hidden rounded-[8px] border border-line bg-card">
        {piece.label && (
          <span className="block border-line border-b px-2.5 py-1 font-mono text-meta text-second">{piece.label}</span>
        )}
        <code className="block whitespace-pre-wrap break-words px-2.5 py-1.5 font-mono text-code">{piece.text}</code>
      </span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Fragment key={index}>
        {piece.kind === 'command' ? <code className="font-mono text-code">{piece.text}</code> : piece.text}
      </Fragment>
    ),
  );
}
