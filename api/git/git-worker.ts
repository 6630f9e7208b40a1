import { agentResolutions } from './agent-resolutions.ts';
import { computeBaseUpdate } from './base-update.ts';
import { blobText } from './blob-text.ts';
import { compareBranches } from './branch-comparison.ts';
import { branchFiles } from './branch-files.ts';
import { branchState } from './branch-state.ts';
import { branches, createBranch } from './branches.ts';
import { carryOver } from './carry-over.ts';
import { cloneBase } from './clone.ts';
import { commitAll } from './commit.ts';
import { diffFiles } from './differences.ts';
import { isDiskFull } from './disk-space.ts';
import { diskUse } from './disk-use.ts';
import { fetchBase } from './fetch.ts';
import { readFile } from './file-content.ts';
import { diffFile } from './file-lines.ts';
import { listFolder } from './folder.ts';
import type { GitProgress } from './git.ts';
import type { GitError } from './git-error.ts';
import { diskFull, toGitError } from './git-failure.ts';
import type { GitOperationName, GitOperations, GitReply, GitRequest, ReportProgress } from './git-operations.ts';
import { initBase } from './init.ts';
import { leftovers } from './leftovers.ts';
import { deleteBranch, publishBranch } from './publish-branch.ts';
import { repairHead } from './repair-head.ts';
import { repositoryTraits } from './repository-traits.ts';
import { deleteRefs, listRefs } from './rescue-refs.ts';
import { resetWorkspace, restoreSnapshot } from './reset-workspace.ts';
import { revertCommit } from './revert-commit.ts';
import { snapshot } from './snapshot.ts';
import { handOver, makeSpare, updateSpare } from './spare.ts';
import { status } from './status.ts';
import { placeSubmodule, submodules } from './submodules.ts';
import { createWorkspace } from './workspace.ts';

const PROGRESS_EVERY_MS = 100;

const operations: {
  [Name in GitOperationName]: (
    input: GitOperations[Name]['input'],
    report: ReportProgress,
  ) => Promise<GitOperations[Name]['result']>;
} = {
  ...{ cloneBase, fetchBase, initBase, branches, createWorkspace, status, repairHead, commitAll },
  ...{ computeBaseUpdate, carryOver, agentResolutions, blobText, submodules, placeSubmodule },
  ...{ repositoryTraits, branchFiles, branchState, compareBranches, diskUse, makeSpare, updateSpare, handOver },
  ...{ snapshot, resetWorkspace, restoreSnapshot, revertCommit, createBranch, listRefs, deleteRefs },
  ...{ diffFiles, diffFile, listFolder, readFile },
  ...{ snapshot, resetWorkspace, restoreSnapshot, listRefs, deleteRefs },
  ...{ publishBranch, deleteBranch, leftovers },
};

function send(reply: GitReply): void {
  process.send?.(reply);
}

function progressReporter(): ReportProgress {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (progress: GitProgress) => {
    const now = performance.now();
    if (now - lastAt < PROGRESS_EVERY_MS) return;
    lastAt = now;
    send({ kind: 'progress', progress });
  };
}

function failureOf(error: unknown, input: unknown): GitError {
  const failure = toGitError(error);
  const isUnexplained = failure.code === 'unexpected' && typeof input === 'object' && input !== null;
  return isUnexplained && isDiskFull(input) ? diskFull(error) : failure;
}

async function handle({ operation, input }: GitRequest): Promise<void> {
  const run = operations[operation] as (input: unknown, report: ReportProgress) => Promise<unknown>;
  try {
    send({ kind: 'done', result: await run(input, progressReporter()) });
  } catch (error) {
    const { code, message, cause } = failureOf(error, input);
    send({ kind: 'failed', code, message, detail: cause instanceof Error ? (cause.stack ?? cause.message) : '' });
  }
}

process.on('message', (request: GitRequest) => void handle(request));
// The parent is gone: end at once, whatever native code is doing, or it would go on working for nobody.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
