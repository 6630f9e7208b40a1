import { Check, GitBranch, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { shortenMiddle } from '../ui/shorten-middle.ts';
import { Tooltip } from '../ui/Tooltip.tsx';
import { useCopy } from '../ui/useCopy.ts';

interface ConversationHeaderProps {
  title: string;
  agentName: string;
  branch: ReactNode;
  sandbox: { available: boolean; isUnsafe: boolean } | undefined;
  /** The way back, where the list of chats is not beside it. */
  leading?: ReactNode;
  trailing?: ReactNode;
}

/** Who answers, how it is kept in, and the branch it works on. */
export function ConversationHeader({ title, agentName, branch, sandbox, leading, trailing }: ConversationHeaderProps) {
  return (
    <header className="flex h-[46px] shrink-0 items-center gap-2.5 border-line border-b px-5 max-lg:pl-2 max-sm:h-14 max-sm:pr-2">
      {leading}
      <div className="flex min-w-0 flex-1 items-center gap-2.5 max-sm:flex-col max-sm:items-start max-sm:gap-0">
        <h1 className="sr-only truncate text-control font-semibold max-sm:not-sr-only max-sm:max-w-full max-sm:truncate">
          {title}
        </h1>
        <span className="truncate text-control font-semibold max-sm:hidden">{agentName}</span>
        <SandboxState sandbox={sandbox} />
      </div>
      {branch}
      {trailing}
    </header>
  );
}

function SandboxState({ sandbox }: Pick<ConversationHeaderProps, 'sandbox'>) {
  if (!sandbox) return null;
  const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
  const look = 'flex shrink-0 items-center gap-1 text-control max-sm:text-meta';
  if (sandbox.isUnsafe) {
    return (
      <span className={`${look} text-del`}>
        <ShieldOff {...icon} /> No sandbox
      </span>
    );
  }
  if (!sandbox.available) {
    return (
      <span className={`${look} text-warn`}>
        <ShieldAlert {...icon} /> Cannot run here
      </span>
    );
  }
  return (
    <Tooltip text="The agent sees the directory of this chat and nothing else.">
      <span className={`${look} text-add`}>
        <ShieldCheck {...icon} /> Sandboxed
      </span>
    </Tooltip>
  );
}

/** The branch of the session; a click copies it. */
export function BranchName({ branch }: { branch: string }) {
  const { hasCopied, copy } = useCopy();
  return (
    <Tooltip text={hasCopied ? 'Copied' : `${branch} · click to copy`}>
      <button
        type="button"
        aria-label={hasCopied ? 'Copied' : `Copy branch name ${branch}`}
        onClick={() => void copy(branch)}
        className="target flex h-[26px] shrink-0 items-center justify-center gap-1.5 rounded-control border border-line bg-card px-2.5 font-mono text-code transition-colors hover:bg-hover"
      >
        {hasCopied ? (
          <Check size={13} strokeWidth={1.75} className="text-add" aria-hidden />
        ) : (
          <GitBranch size={13} strokeWidth={1.75} className="text-second" aria-hidden />
        )}
        <span className="max-sm:hidden">{shortenMiddle(branch, 20)}</span>
      </button>
    </Tooltip>
  );
}
