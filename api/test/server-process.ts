import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programPath } from '../program-path.ts';

/** The program as its own process, so that it can be killed. */
export interface ServerProcess {
  url: string;
  /** What it has written so far. */
  output(): string;
  /** Sends the signal and waits for its end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the built program with this environment and nothing else; resolves when it answers. */
export async function startServer(env: Record<string, string>, args: string[] = []): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [programPath(import.meta.url, '../main.js'), ...args], {
    env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const ready = /(http:\/\/127\.0\.0\.1:\d+)\/sign-in/.exec(line);
        if (ready?.[1]) resolve(ready[1]);
      });
    }
    exited.then(([code]) => reject(new Error(`The server ended with ${code}:\n${lines.join('\n')}`)));
  });
  return {
    url,
    output: () => lines.join('\n'),
    async end(signal) {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
