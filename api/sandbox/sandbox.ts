import type { Readable, Writable } from 'node:stream';

/** Where an agent's processes run: they see their workspace, their home and the system's programs, nothing else. */
export interface SandboxEngine {
  readonly name: string;
  /** Tried for real at start: whether agents can be run here, and if not, why and what to install. */
  check(): Promise<SandboxCheck>;
  /**
   * Starts a long-running program inside. The process tree dies with the returned process and with this one.
   * Throws SandboxUnavailable when nothing can be run here, SandboxRefused when not with these directories.
   */
  spawn(options: SandboxSpawn): Promise<SandboxProcess>;
}

export type SandboxCheck = { available: true } | { available: false; message: string };

export interface SandboxSpawn {
  /** The session's directory on this machine; seen inside as WORKSPACE_PATH, read-write, its .git read-only. */
  workspacePath: string;
  /** The session's private home on this machine; seen inside as HOME_PATH, read-write. */
  homePath: string;
  /** Folders of the program itself, seen inside at the same path, read-only. */
  readOnlyPaths: string[];
  command: string;
  args: string[];
  /** The whole environment inside, besides PATH, HOME, LANG and TMPDIR. Nothing is inherited. */
  env: Record<string, string>;
  limits?: SandboxLimits;
}

/** Each has a default; without a sandbox they are not applied. */
export interface SandboxLimits {
  /** Processes and threads of the whole sandbox. */
  maxProcesses?: number;
  maxFileBytes?: number;
  /** Writable memory of each process. */
  maxMemoryBytes?: number;
  maxOpenFiles?: number;
}

export interface SandboxProcess {
  readonly pid: number;
  /** The workspace as the program itself sees it: WORKSPACE_PATH, or the real directory without a sandbox. */
  readonly workspacePath: string;
  /** The home as the program itself sees it. */
  readonly homePath: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Diagnostics of the program; kept short and never shown unread. */
  readonly stderr: Readable;
  /** Settles once, when the whole tree is gone. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** How many processes live inside now. */
  processCount(): Promise<number>;
  /** Ends the whole process tree at once; resolves when it is gone. */
  kill(): Promise<void>;
}

export const WORKSPACE_PATH = '/workspace';
export const HOME_PATH = '/home/agent';
