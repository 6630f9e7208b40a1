import { MessageSquareText } from 'lucide-react';

interface EmptyConversationProps {
  agentName: string;
  hasModel: boolean;
  branch: string;
  onTry(text: string): void;
}

const examples = [
  { text: '!ls -la', says: 'Runs a command in the sandbox and shows what it prints' },
  { text: '!git log --oneline -5', says: 'Shows the latest commits of the branch' },
  {
    text: 'Add a note.\n\n```md notes.md\n# Notes\n\nWritten from a chat.\n```',
    says: 'Writes the file notes.md and commits it',
  },
];

/** What can be done in a chat in which nothing was said yet. */
export function EmptyConversation({ agentName, hasModel, branch, onTry }: EmptyConversationProps) {
  return (
    <div className="flex flex-1 flex-col justify-center py-8">
      <div className="mb-4 flex size-10 items-center justify-center rounded-card border border-line bg-card text-second">
        <MessageSquareText size={18} strokeWidth={1.75} aria-hidden />
      </div>
      <h2 className="text-head font-semibold">Nothing said yet</h2>
      <p className="mt-1.5 max-w-[60ch] text-read text-second">
        {hasModel ? (
          <>{agentName} answers here. </>
        ) : (
          <>
            {agentName} has no language model. It does what a message spells out: it runs lines that begin with{' '}
            <code className="font-mono text-code">!</code>, writes the files you paste as code blocks with a file name,
            and applies diffs.{' '}
          </>
        )}
        It works in a directory of its own, on the branch{' '}
        <code className="break-all font-mono text-code">{branch}</code>; each turn that changes files ends as one commit
        there.
      </p>
      {!hasModel && (
        <>
          <h3 className="mt-6 mb-2 text-meta font-medium text-third">Try one of these</h3>
          <ul className="grid gap-1.5">
            {examples.map(({ text, says }) => (
              <li key={text}>
                <button
                  type="button"
                  onClick={() => onTry(text)}
                  className="target flex w-full items-baseline gap-3 rounded-card border border-line bg-card px-3.5 py-2.5 text-left transition-colors hover:border-line-strong hover:bg-hover max-sm:flex-col max-sm:gap-0.5"
                >
                  <code className="shrink-0 font-mono text-code">{shortOf(text)}</code>
                  <span className="min-w-0 text-control text-second">{says}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

const shortOf = (text: string) => /```\S* (\S+)/.exec(text)?.[1] ?? text;
