import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Ctrl-C under npm reaches us twice, from the terminal and from npm; later than this it was pressed again. */
const ONE_SIGNAL_MS = 1_000;
const PARENT_CHECK_MS = 1_000;

/**
 * Runs a program in the foreground and resolves with its exit code. It gets SIGINT and SIGTERM once, from us: it is in a
 * session of its own, so the terminal does not also send it Ctrl-C. Pressed again, Ctrl-C ends it at once. It does not
 * outlive us, nor the npm that runs us.
 */
export function supervise([command, ...args], { env, cwd, stdio = 'inherit', onStart = () => {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio, detached: true });
    onStart(child);
    let askedAt;
    const ask = (signal) => {
      if (askedAt === undefined) {
        askedAt = Date.now();
        child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      } else if (Date.now() - askedAt > ONE_SIGNAL_MS) {
        child.kill('SIGKILL');
      }
    };
    for (const signal of SIGNALS) process.on(signal, ask);

    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.env.npm_lifecycle_event && process.ppid !== parent && askedAt === undefined) ask('SIGTERM');
    }, PARENT_CHECK_MS);

    const finish = () => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, ask);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('close', (code, signal) => {
      finish();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
