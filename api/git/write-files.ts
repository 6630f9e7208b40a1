import { GitError } from './git-error.ts';
import type { ReportProgress } from './git-operations.ts';
import { lookThrough } from './instruction-files.ts';
import { CHECKOUT_FORCE, nodegit, type Repository, type ThrottledCallback } from './nodegit.ts';
import { openWorkspace } from './open-repository.ts';
import { unfitPath } from './unfit-paths.ts';

/** Writes the files of HEAD into a new workspace that has none yet, and its index. */
export async function writeFiles(path: string, headSha: string, report: ReportProgress): Promise<void> {
  const repository = await openWorkspace(path);
  try {
    await checkOut(repository, path, report);
  } catch (error) {
    // Whatever keeps the tree from being looked through tells less than what went wrong before.
    const reason = error instanceof GitError ? null : await unfitPath(repository, headSha, path).catch(() => null);
    throw reason ?? error;
  } finally {
    repository.cleanup();
  }
}

async function checkOut(repository: Repository, path: string, report: ReportProgress): Promise<void> {
  // libgit2 reads the attributes once a checkout, before it has written them: so they get a checkout of their own first.
  await nodegit.Checkout.head(repository, { checkoutStrategy: CHECKOUT_FORCE, paths: ['*.gitattributes'] });
  const { refusal } = lookThrough(path);
  if (refusal) throw refusal;
  // Without attributes nothing is converted, and not asking for each file makes the checkout three times as fast.
  const hasAttributes = (await repository.index()).entryCount() > 0;
  await withoutHashing(() =>
    nodegit.Checkout.head(repository, {
      checkoutStrategy: CHECKOUT_FORCE,
      disableFilters: hasAttributes ? 0 : 1,
      progressCb: progressTo(report),
    }),
  );
}

export function progressTo(
  report: ReportProgress,
): ThrottledCallback<[path: string | null, done: number, total: number]> {
  return {
    throttle: 100,
    waitForResult: false,
    callback: (_path, done, total) => {
      report({ phase: 'Writing files', ...(total > 0 ? { fraction: done / total } : {}) });
    },
  };
}

/**
 * libgit2 computes the id of each object that it reads once more, which takes half of the time of a checkout. The objects
 * are our own, and damage on the disk shows when they are unpacked.
 */
async function withoutHashing(work: () => Promise<void>): Promise<void> {
  const { opts, OPT } = nodegit.Libgit2;
  // For this process; it does one thing at a time.
  await opts(OPT.ENABLE_STRICT_HASH_VERIFICATION, 0);
  try {
    await work();
  } finally {
    await opts(OPT.ENABLE_STRICT_HASH_VERIFICATION, 1);
  }
}
