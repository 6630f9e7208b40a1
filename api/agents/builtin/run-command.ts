import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Of a command's output this much is kept; the rest is read and dropped, and the command goes on. */
export const MAX_OUTPUT_BYTES = 2 ** 20;
const TRUNCATED = '\n[Output after 1 MiB is not shown; the command goes on.]\n';
const QUIET_MS = 200;

export interface CommandResult {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  durationMs: number;
}

const SHELL = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';

/**
 * Runs one command line in `cwd`. `onOutput` gets stdout and stderr in the order they were written, and is waited for before
 * more is read. Aborting kills the command's process group. What a command leaves running in the background ends with it.
 */
export async function runCommand(
  command: string,
  cwd: string,
  onOutput: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<CommandResult> {
  const startedAt = performance.now();
  // Both on one pipe: from two, nobody could tell what was written first.
  const child = spawn(SHELL, ['-c', `exec "$0" -c "$1" 2>&1`, SHELL, command], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const killGroup = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody is left in it.
    }
  };
  if (signal.aborted) killGroup();
  signal.addEventListener('abort', killGroup, { once: true });

  const exited = new Promise<Omit<CommandResult, 'durationMs'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signalName) => {
      killGroup();
      resolve({ exitCode, signal: signalName });
    });
  });
  try {
    const [result] = await Promise.all([exited, pass(child.stdout, onOutput, exited)]);
    return { ...result, durationMs: performance.now() - startedAt };
  } finally {
    signal.removeEventListener('abort', killGroup);
  }
}

async function pass(output: Readable, onOutput: (text: string) => Promise<void>, exited: Promise<unknown>) {
  // Characters may be cut in two between chunks.
  const decoder = new StringDecoder('utf8');
  const reader = { isBusy: false, idleSince: performance.now() };
  endWhenQuiet(output, reader, exited);
  let left = MAX_OUTPUT_BYTES;
  try {
    for await (const chunk of output as AsyncIterable<Buffer>) {
      reader.isBusy = true;
      const isOver = chunk.length > left;
      const text = left > 0 ? decoder.write(chunk.subarray(0, left)) : '';
      if (text) await onOutput(text);
      if (left >= 0 && isOver) await onOutput(TRUNCATED);
      left = isOver ? -1 : left - chunk.length;
      Object.assign(reader, { isBusy: false, idleSince: performance.now() });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
  const rest = left >= 0 ? decoder.end() : '';
  if (rest) await onOutput(rest);
}

/** Somebody who left the command's process group may hold its pipe for ever: after the command's exit, silence is the end. */
function endWhenQuiet(output: Readable, reader: { isBusy: boolean; idleSince: number }, exited: Promise<unknown>) {
  const watch = () => {
    const timer = setInterval(() => {
      if (!reader.isBusy && performance.now() - reader.idleSince > QUIET_MS) output.destroy();
    }, QUIET_MS);
    output.once('close', () => clearInterval(timer));
    if (output.closed) clearInterval(timer);
  };
  exited.then(watch, () => output.destroy());
}
