import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

/** A living process. `startedAt` is opaque: two processes that had the same pid differ in it. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
  /** The program's file name, at most 15 characters on Linux. */
  command: string;
}

/** The process with this id, or undefined when there is none. One that ended and only waits to be reaped counts as none. */
export async function findProcess(pid: number): Promise<ProcessIdentity | undefined> {
  return process.platform === 'linux' ? findInProc(pid) : findWithPs(pid);
}

async function findInProc(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (!stat) return undefined;
  // "pid (command) state ppid ...": the command may itself hold spaces and brackets, so count from its last bracket.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
  // Ticks count from boot, so the boot belongs to it.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return { pid, startedAt: `${boot.trim()}/${startTicks}`, command: stat.slice(stat.indexOf('(') + 1, end) };
}

async function findWithPs(pid: number): Promise<ProcessIdentity | undefined> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  const columns = ['-o', 'state=', '-o', 'lstart=', '-o', 'comm='];
  const found = await promisify(execFile)('ps', ['-p', String(pid), ...columns], { env, timeout: 10_000 }).catch(
    () => undefined,
  );
  // "S    Mon Nov 24 12:00:00 2025     /path/of/command"
  const match = found?.stdout.match(/^(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.+)$/m);
  if (!match || match[1]?.startsWith('Z')) return undefined;
  return { pid, startedAt: match[2] ?? '', command: basename((match[3] ?? '').trim()) };
}
