import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { environment } from './bubblewrap-profile.ts';
import { gone, processTree } from './process-tree.ts';
import type { SandboxEngine, SandboxProcess, SandboxSpawn } from './sandbox.ts';
import { SandboxUnavailable } from './sandbox-error.ts';

/** For `--unsafe-no-sandbox`: the program runs beside the server, with all its rights. Limits are not applied. */
export function createNoSandbox(): SandboxEngine {
  return { name: 'none', check: async () => ({ available: true }), spawn: start };
}

async function start(options: SandboxSpawn): Promise<SandboxProcess> {
  const workspacePath = await realpath(options.workspacePath);
  const homePath = await realpath(options.homePath);
  const child = spawn(options.command, options.args, {
    cwd: workspacePath,
    env: environment(options.env, homePath, tmpdir(), process.execPath),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, so that it can be ended as a whole.
    detached: true,
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new SandboxUnavailable(`The agent could not be started: ${error.message}`)));
  });
  const pid = child.pid as number;
  const exited = ended.then(async (end) => {
    signal(-pid, 'SIGKILL');
    return end;
  });
  return {
    ...{ pid, workspacePath, homePath, exited },
    ...{ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr },
    async processCount() {
      const isAlive = child.exitCode === null && child.signalCode === null;
      return isAlive ? (await processTree(pid)).length : 0;
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) await killTree(pid);
      await exited;
    },
  };
}

/** Stops all of them first: a process that is shot while its parent lives may be replaced by another one meanwhile. */
async function killTree(pid: number): Promise<void> {
  let tree: number[] = [];
  for (let before = -1; tree.length !== before; ) {
    before = tree.length;
    tree = await processTree(pid);
    for (const one of tree) signal(one, 'SIGSTOP');
  }
  for (const one of tree) signal(one, 'SIGKILL');
  await Promise.all(tree.map(gone));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
