import { readFileSync } from 'node:fs';

/** Agents' own programs watch files too, under the same account: most of what the kernel allows is left to them. */
const SHARE = 4;
/** What old kernels allow. */
const COMMON_LIMIT = 8_192;

/** How many folders may be watched at once, by all workspaces of this runner together. */
export class WatchBudget {
  private left: number;

  constructor(total = kernelLimit() / SHARE) {
    this.left = Math.floor(total);
  }

  take(): boolean {
    if (this.left <= 0) return false;
    this.left -= 1;
    return true;
  }

  give(): void {
    this.left += 1;
  }
}

function kernelLimit(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8')) || COMMON_LIMIT;
  } catch {
    return COMMON_LIMIT;
  }
}
