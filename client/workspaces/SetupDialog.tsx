import { RotateCcw, Square } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { useSetupControl, useSetupLog } from './useSetup.ts';

const words = { QUEUED: 'Waits', RUNNING: 'Running', SUCCEEDED: 'Succeeded', FAILED: 'Failed', STOPPED: 'Stopped' };

/** What the setup of a workspace writes, and how it ended. */
export function SetupDialog({ chatSessionId, onClose }: { chatSessionId: string; onClose(): void }) {
  const { setup, log } = useSetupLog(chatSessionId);
  const { rerun, stop, isBusy } = useSetupControl(chatSessionId);
  const output = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the end as the log grows
  useEffect(() => {
    if (output.current) output.current.scrollTop = output.current.scrollHeight;
  }, [log]);
  const isOn = setup?.status === 'RUNNING' || setup?.status === 'QUEUED';
  return (
    <Dialog isOpen isWide title="Setup of this chat" onClose={onClose}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {setup && (
          <p role="status" className="text-control text-second">
            {words[setup.status]}
            {setup.exitCode !== null && ` with exit code ${setup.exitCode}`}
            {setup.cacheUse === 'RESTORED' && ', with dependencies from an earlier chat'}.
            {setup.message && ` ${setup.message}`}
          </p>
        )}
        <section
          ref={output}
          aria-label="Log of the setup"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the log is scrolled with the arrow keys
          tabIndex={0}
          className="h-72 overflow-auto rounded-control border border-line bg-panel p-3"
        >
          <pre className="whitespace-pre-wrap break-words font-mono text-code">
            {log || (isOn ? 'Nothing was written yet.' : 'It wrote nothing.')}
          </pre>
        </section>
        {setup?.logTruncated && <p className="text-meta text-third">It wrote more than is kept.</p>}
        <div className="flex justify-end gap-2">
          {isOn ? (
            <Button icon={<Square size={13} strokeWidth={2} aria-hidden />} isBusy={isBusy} onClick={() => void stop()}>
              Stop it
            </Button>
          ) : (
            <Button
              icon={<RotateCcw size={14} strokeWidth={1.75} aria-hidden />}
              isBusy={isBusy}
              onClick={() => void rerun()}
            >
              Run it again
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
