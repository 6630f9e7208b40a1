import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { programPath } from '../program-path.ts';
import type { AgentDescription } from './agent.ts';

/** An agent program that can be started. */
export interface AgentEntry extends AgentDescription {
  /** How its program is started; asked once a start. */
  program(): AgentProgram;
  /** What it is answered when it asks whether it may do something. In the sandbox even 'allow' gives it nothing of the host's. */
  permissions: 'allow' | 'refuse';
}

export interface AgentProgram {
  command: string;
  args: string[];
  /** The whole environment inside: nothing of the server's own is ever handed on. */
  env: Record<string, string>;
  /** What it is made of, seen inside at the same path. */
  readOnlyPaths: string[];
}

export const builtinAgent: AgentEntry = {
  id: 'builtin',
  name: 'Built-in (no model)',
  hasModel: false,
  permissions: 'refuse',
  program: () => {
    const main = programPath(import.meta.url, './builtin/main.js');
    const folder = dirname(main);
    return {
      command: process.execPath,
      // It waits most of the time: a small heap, and no spare threads for it.
      args: ['--max-old-space-size=128', '--v8-pool-size=1', '--no-warnings', main],
      // No NODE_ENV: the commands it runs inherit it, and npm would leave development dependencies out.
      env: { UV_THREADPOOL_SIZE: '2' },
      readOnlyPaths: [folder, join(folder, '../../../../package.json'), ...packageFolders()],
    };
  },
};

export const agentRegistry: AgentEntry[] = [builtinAgent];

/** The packages the built-in agent imports, and no others of node_modules. */
function packageFolders(): string[] {
  const ours = createRequire(import.meta.url);
  const sdk = ours.resolve('@agentclientprotocol/sdk');
  const found: [string, string][] = [
    ['@agentclientprotocol/sdk', sdk],
    ['zod', createRequire(sdk).resolve('zod')],
    ['diff', ours.resolve('diff')],
  ];
  return found.map(
    ([name, file]) => `${file.slice(0, file.lastIndexOf(`/node_modules/${name}/`))}/node_modules/${name}`,
  );
}
