import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { explainFailure, machineFacts } from './bubblewrap-failure.ts';
import {
  ARGUMENTS_FD,
  GROUP,
  GROUP_FD,
  INFO_FD,
  limitArguments,
  PASSWD,
  PASSWD_FD,
  profileArguments,
} from './bubblewrap-profile.ts';
import { inheritedDescriptors, stdioClosing } from './inherited-descriptors.ts';
import { gone, processTree } from './process-tree.ts';
import {
  HOME_PATH,
  type SandboxCheck,
  type SandboxEngine,
  type SandboxProcess,
  type SandboxSpawn,
  WORKSPACE_PATH,
} from './sandbox.ts';
import { SandboxRefused, SandboxUnavailable } from './sandbox-error.ts';

const START_DEADLINE_MS = 10_000;

/**
 * Linux namespaces by bubblewrap. To be used from the main thread: the kernel ends a sandbox with the thread that
 * started it.
 */
export function createBubblewrap(program = 'bwrap'): SandboxEngine {
  const engine: SandboxEngine = {
    name: 'bubblewrap',
    check: () => tryForReal(engine),
    spawn: (options) => start(program, options),
  };
  return engine;
}

/** Starts Node itself, as for an agent: where `true` works, Node may still lack a library. */
async function tryForReal(engine: SandboxEngine): Promise<SandboxCheck> {
  const root = await mkdtemp(join(tmpdir(), 'kosuke-sandbox-'));
  try {
    const workspacePath = join(root, 'workspace');
    const homePath = join(root, 'home');
    await mkdir(join(workspacePath, '.git'), { recursive: true });
    await mkdir(homePath);
    const started = await engine.spawn({
      ...{ workspacePath, homePath, readOnlyPaths: [], env: {} },
      ...{ command: process.execPath, args: ['--version'] },
    });
    const stderr = textOf(started.stderr);
    started.stdout.resume();
    const timer = setTimeout(() => void started.kill(), START_DEADLINE_MS);
    const { code } = await started.exited;
    clearTimeout(timer);
    if (code === 0) return { available: true };
    return { available: false, message: explainFailure((await stderr) || `exit code ${code}`, machineFacts()) };
  } catch (error) {
    if (error instanceof SandboxUnavailable) return { available: false, message: error.message };
    throw error;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function start(program: string, options: SandboxSpawn): Promise<SandboxProcess> {
  const facts = machineFacts();
  if (facts.isRoot) throw new SandboxUnavailable(explainFailure('', facts));
  const workspacePath = await workspaceDirectory(options.workspacePath);
  const homePath = await realpath(options.homePath);

  const child = spawn(
    program,
    [
      ...['--info-fd', String(INFO_FD), '--args', String(ARGUMENTS_FD), '--'],
      ...['/usr/bin/prlimit', ...limitArguments(options.limits), '--', options.command, ...options.args],
    ],
    { env: {}, cwd: '/', stdio: stdioClosing(inheritedDescriptors(), Array(GROUP_FD + 1).fill('pipe')) },
  );
  const ended = end(child);
  // By descriptor and not on the command line, where every account of this machine could read the environment.
  const profile = profileArguments({ ...options, workspacePath, homePath }, process.execPath);
  send(child, ARGUMENTS_FD, profile.map((argument) => `${argument}\0`).join(''));
  send(child, PASSWD_FD, PASSWD);
  send(child, GROUP_FD, GROUP);

  const initPid = await firstPid(child, ended);
  const exited = ended.then(async ({ code, signal }) => {
    // bubblewrap may leave before the namespace is empty; its first process is the last one to go.
    await gone(initPid);
    return { code, signal };
  });
  return {
    pid: initPid,
    workspacePath: WORKSPACE_PATH,
    homePath: HOME_PATH,
    stdin: stream<Writable>(child, 0),
    stdout: stream<Readable>(child, 1),
    stderr: stream<Readable>(child, 2),
    exited,
    async processCount() {
      // Without the first process of the namespace, which is the sandbox itself.
      return (await processTree(initPid)).length - 1;
    },
    async kill() {
      try {
        // The first process of the namespace: the kernel ends all others with it, however they were started.
        if (child.exitCode === null && child.signalCode === null) process.kill(initPid, 'SIGKILL');
      } catch {
        // It has just gone by itself.
      }
      await exited;
    },
  };
}

/**
 * What an agent could make of .git decides what the server's git reads (other repositories' objects, for one), so it has to
 * be there and be a folder before an agent gets to see the workspace.
 */
async function workspaceDirectory(path: string): Promise<string> {
  const real = await realpath(path);
  const git = lstatSync(join(real, '.git'), { throwIfNoEntry: false });
  if (!git?.isDirectory()) {
    const what = !git ? 'missing' : git.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
    throw new SandboxRefused(`The workspace's .git is ${what}, so no agent is started in it.`);
  }
  return real;
}

interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: NodeJS.ErrnoException;
}

function end(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
  });
}

/** The process id of the sandbox's first process. Throws SandboxUnavailable when there never was one. */
async function firstPid(child: ChildProcess, ended: Promise<End>): Promise<number> {
  const stderr = stream<Readable>(child, 2);
  // Node throws away what nobody has listened for by the time a child exits.
  const keep = () => {};
  stderr.on('readable', keep);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  const info = await textOf(stream<Readable>(child, INFO_FD));
  clearTimeout(timer);
  const pid = /"child-pid":\s*(\d+)/.exec(info)?.[1];
  if (pid) {
    stderr.off('readable', keep);
    return Number(pid);
  }
  const { error } = await ended;
  throw new SandboxUnavailable(explainFailure(error ? String(error.code) : await textOf(stderr), machineFacts()));
}

function stream<T extends Readable | Writable>(child: ChildProcess, fd: number): T {
  return child.stdio[fd] as unknown as T;
}

function send(child: ChildProcess, fd: number, content: string): void {
  const pipe = stream<Writable>(child, fd);
  // bubblewrap that did not start says so by its exit.
  pipe.on('error', () => {});
  pipe.end(content);
}

async function textOf(readable: Readable): Promise<string> {
  let text = '';
  readable.setEncoding('utf8');
  try {
    for await (const chunk of readable) text = (text + chunk).slice(0, 4_000);
  } catch {
    // Torn off with its process: what came is what there is.
  }
  return text;
}
