import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Every process below `pid`, itself first, as far as its parents are still there. */
export async function processTree(pid: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const [child, parent] of await parents()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const tree = [pid];
  for (const one of tree) tree.push(...(children.get(one) ?? []));
  return tree;
}

/**
 * Waits until a process that has been ended is no more. A zombie counts as gone: where nobody reaps it (this program as a
 * container's first process) it stays for ever.
 */
export async function gone(pid: number): Promise<void> {
  while (await isRunning(pid)) await delay(2);
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] [^)]*$/.test(stat);
}

/** [process, parent] of every process, from /proc or, where there is none (macOS), from ps. */
async function parents(): Promise<[number, number][]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (ids.length === 0) return parentsByPs();
  const found = await Promise.all(
    ids.map(async (id): Promise<[number, number] | null> => {
      const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
      // The name in brackets may hold anything, brackets too: read from the last one on.
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return parent ? [Number(id), Number(parent)] : null;
    }),
  );
  return found.filter((pair) => pair !== null);
}

function parentsByPs(): Promise<[number, number][]> {
  return new Promise((resolve) => {
    execFile('/bin/ps', ['-A', '-o', 'pid=,ppid='], { env: {}, timeout: 2_000 }, (_, stdout) => {
      const lines = String(stdout).trim().split('\n');
      resolve(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
    });
  });
}
