import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { root } from './paths.mjs';
import { SetupError } from './report.mjs';

/** How much of what a failed program said is shown: its beginning, where npm names the cause, and its end. */
const FIRST_LINES = 15;
const LAST_LINES = 40;

/**
 * Runs a program without a terminal and gives each line it prints to `onLine`. Throws a SetupError with its last lines
 * when it fails.
 */
export async function runCommand(command, args, { cwd = root, env = process.env, onLine = () => {}, shownAs } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const first = [];
  const last = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (first.length < FIRST_LINES) first.push(line);
      else last.push(line);
      if (last.length > LAST_LINES) last.splice(0, 2, '...');
      onLine(line);
    });
  }
  const stop = (signal) => {
    child.kill(signal);
    process.exitCode = 130;
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  const how = await new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, signal) => settle(code === 0 ? undefined : signal || `exit code ${code}`));
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  if (process.exitCode === 130) throw new SetupError('Stopped. Start again to go on from here.');
  if (how === undefined) return;
  throw new SetupError(
    `${[...first, ...last].join('\n')}\n\n\`${shownAs ?? [command, ...args].join(' ')}\` failed (${how}).`,
  );
}

/** Whether a short command succeeds. */
export function succeeds(command, args, options = {}) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 60_000, ...options }).status === 0;
}

/** Whether a program can be found in the PATH. */
export function hasProgram(name) {
  return succeeds('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]);
}
