import type { StdioOptions } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

let known: number[] | undefined;
let devNull: number | undefined;

/**
 * Descriptors that whoever started this program left open. Node closes only the low ones to its children, and an open
 * folder among them would be a way out of any sandbox.
 */
export function inheritedDescriptors(): number[] {
  known ??= readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd > 2 && isInheritable(fd));
  return known;
}

/** `stdio` for spawn, with every one of `descriptors` replaced by /dev/null in the child. */
export function stdioClosing(descriptors: number[], stdio: ('pipe' | 'ignore')[]): StdioOptions {
  const all: ('pipe' | 'ignore' | number)[] = [...stdio];
  for (const fd of descriptors) {
    if (fd < stdio.length) continue;
    while (all.length <= fd) all.push('ignore');
    devNull ??= openSync('/dev/null', 'r');
    all[fd] = devNull;
  }
  return all;
}

function isInheritable(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false;
  }
}
