import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './nodegit.ts';

/**
 * Locks that a killed child left behind. The caller runs one operation a workspace at a time and the branch is this
 * session's alone, so whoever held them is gone.
 */
export function removeStaleLocks(workspace: Repository, base: Repository, branchRef: string): void {
  for (const name of ['index.lock', 'HEAD.lock', `${branchRef}.lock`]) {
    rmSync(join(workspace.path(), name), { force: true });
  }
  rmSync(join(base.path(), `${branchRef}.lock`), { force: true });
}
