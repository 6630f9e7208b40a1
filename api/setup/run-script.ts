import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxEngine } from '../sandbox/sandbox.ts';

/** After the end of a script, what it wrote last may still be on its way. */
const DRAIN_MS = 5_000;

export interface Script {
  text: string;
  workspacePath: string;
  homePath: string;
  environment: Record<string, string>;
  timeoutMs: number;
}

export interface ScriptEnd {
  /** Null when it was ended from outside. */
  exitCode: number | null;
  timedOut: boolean;
}

/**
 * Runs a setup script in the sandbox, with no input. `onOutput` gets both of its outputs in the order they were written, and
 * is waited for. The script's whole process tree ends with it, with its time limit, and when `signal` aborts.
 * @throws SandboxUnavailable, SandboxRefused
 */
export async function runScript(
  sandbox: SandboxEngine,
  { text, workspacePath, homePath, environment, timeoutMs }: Script,
  onOutput: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const [shell, ...options] = existsSync('/bin/bash') ? ['/bin/bash', '-eo', 'pipefail'] : ['/bin/sh', '-e'];
  const started = await sandbox.spawn({
    ...{ workspacePath, homePath, readOnlyPaths: [], env: environment, command: shell },
    // Both outputs on one pipe: from two, nobody could tell what was written first.
    args: ['-c', 'exec "$@" 2>&1 </dev/null', 'setup', shell, ...options, '-c', text, 'setup'],
  });
  started.stdin.on('error', () => {}).end();
  started.stderr.on('error', () => {}).resume();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void started.kill();
  }, timeoutMs);
  const stop = () => void started.kill();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const reading = pass(started.stdout, onOutput);
    const { code } = await started.exited;
    await Promise.race([reading, delay(DRAIN_MS, undefined, { ref: false })]);
    // Without a sandbox, somebody who left the process group may hold the pipe for ever.
    started.stdout.destroy();
    await reading;
    return { exitCode: timedOut || signal.aborted ? null : code, timedOut };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await started.kill();
  }
}

async function pass(output: Readable, onOutput: (text: string) => Promise<void>): Promise<void> {
  // Characters may be cut in two between chunks.
  const decoder = new StringDecoder('utf8');
  try {
    for await (const chunk of output as AsyncIterable<Buffer>) await onOutput(decoder.write(chunk));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
  await onOutput(decoder.end());
}
