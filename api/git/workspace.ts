import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceHead } from './git.ts';
import { GitError } from './git-error.ts';
import type { GitOperations, ReportProgress } from './git-operations.ts';
import { pinSettings, pointHeadAt } from './init.ts';
import { lookThrough } from './instruction-files.ts';
import { CHECKOUT_FORCE, nodegit, type Repository } from './nodegit.ts';
import { linkObjects } from './object-files.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import {
  BRANCH_PREFIX,
  headRef,
  REMOTE_PREFIX,
  type Ref,
  refsUnder,
  requireBranchName,
  TAG_PREFIX,
  writePackedRefs,
} from './refs.ts';
import { claimPlace, moveIntoPlace } from './temporary-folder.ts';
import { unfitPath } from './unfit-paths.ts';

export async function createWorkspace(
  input: GitOperations['createWorkspace']['input'],
  report: ReportProgress,
): Promise<WorkspaceHead> {
  requireBranchName(input.branch);
  claimPlace(input.path);
  report({ phase: 'Preparing the workspace' });
  const base = await openRepository(input.basePath);
  const baseRefs = await refsUnder(base, [BRANCH_PREFIX, TAG_PREFIX]);
  const headSha = await startingCommit(base, baseRefs, input.baseBranch);
  base.cleanup();

  const gitFolder = join(input.temporaryPath, '.git');
  const repository = await nodegit.Repository.init(input.temporaryPath, 0);
  await pointHeadAt(repository, input.branch);
  repository.cleanup();
  pinSettings(gitFolder);
  linkObjects(join(input.basePath, 'objects'), join(gitFolder, 'objects'));
  if (existsSync(join(input.basePath, 'shallow'))) {
    copyFileSync(join(input.basePath, 'shallow'), join(gitFolder, 'shallow'));
  }
  writePackedRefs(gitFolder, workspaceRefs(baseRefs, headSha, input));
  if (headSha) await checkOut(input.temporaryPath, headSha, report);
  moveIntoPlace(input.temporaryPath, input.path);
  return { headSha };
}

/** The commit of the base branch; null where it has none yet because the whole repository, or that branch, is unborn. */
async function startingCommit(base: Repository, refs: Ref[], baseBranch: string): Promise<string | null> {
  const wanted = BRANCH_PREFIX + baseBranch;
  const found = refs.find(({ name }) => name === wanted);
  if (found) return found.sha;
  const hasBranches = refs.some(({ name }) => name.startsWith(BRANCH_PREFIX));
  if (!hasBranches || (await headRef(base)) === wanted) return null;
  throw new GitError('not-found', `The branch "${baseBranch}" is not in this project any more.`);
}

/** Tags as they are, the base's branches as those of a remote would be, and the session's own branch. */
function workspaceRefs(
  baseRefs: Ref[],
  headSha: string | null,
  { branch, hiddenBranchPrefix }: GitOperations['createWorkspace']['input'],
): Ref[] {
  const refs: Ref[] = [];
  for (const { name, sha } of baseRefs) {
    if (name.startsWith(TAG_PREFIX)) refs.push({ name, sha });
    else {
      const short = name.slice(BRANCH_PREFIX.length);
      if (hiddenBranchPrefix && short.startsWith(hiddenBranchPrefix)) continue;
      refs.push({ name: REMOTE_PREFIX + short, sha });
    }
  }
  if (headSha) refs.push({ name: BRANCH_PREFIX + branch, sha: headSha });
  return refs;
}

async function checkOut(path: string, headSha: string, report: ReportProgress): Promise<void> {
  const repository = await openWorkspace(path);
  try {
    await writeFiles(repository, path, report);
  } catch (error) {
    // Whatever keeps the tree from being looked through tells less than what went wrong before.
    const reason = error instanceof GitError ? null : await unfitPath(repository, headSha, path).catch(() => null);
    throw reason ?? error;
  } finally {
    repository.cleanup();
  }
}

async function writeFiles(repository: Repository, path: string, report: ReportProgress): Promise<void> {
  // libgit2 reads the attributes once a checkout, before it has written them: so they get a checkout of their own first.
  await nodegit.Checkout.head(repository, { checkoutStrategy: CHECKOUT_FORCE, paths: ['*.gitattributes'] });
  const { refusal } = lookThrough(path);
  if (refusal) throw refusal;
  // Without attributes nothing is converted, and not asking for each file makes the checkout three times as fast.
  const hasAttributes = (await repository.index()).entryCount() > 0;
  await nodegit.Checkout.head(repository, {
    checkoutStrategy: CHECKOUT_FORCE,
    disableFilters: hasAttributes ? 0 : 1,
    progressCb: {
      throttle: 100,
      waitForResult: false,
      callback: (_path, done, total) => {
        report({ phase: 'Writing files', ...(total > 0 ? { fraction: done / total } : {}) });
      },
    },
  });
}
