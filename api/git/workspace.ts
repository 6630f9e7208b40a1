import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceHead } from './git.ts';
import { GitError } from './git-error.ts';
import type { GitOperations, ReportProgress } from './git-operations.ts';
import { pinSettings } from './init.ts';
import { nodegit, type Repository } from './nodegit.ts';
import { linkObjects } from './object-files.ts';
import { openRepository } from './open-repository.ts';
import {
  BRANCH_PREFIX,
  headRef,
  REMOTE_PREFIX,
  type Ref,
  refsUnder,
  requireBranchName,
  TAG_PREFIX,
  writeHead,
  writePackedRefs,
} from './refs.ts';
import { claimPlace, moveIntoPlace } from './temporary-folder.ts';
import { writeFiles } from './write-files.ts';

export async function createWorkspace(
  input: GitOperations['createWorkspace']['input'],
  report: ReportProgress,
): Promise<WorkspaceHead> {
  requireBranchName(input.branch);
  claimPlace(input.path);
  report({ phase: 'Preparing the workspace' });
  const start = await readStart(input.basePath, input.baseBranch);
  const gitFolder = await furnish(input.temporaryPath, input.basePath);
  writePackedRefs(gitFolder, workspaceRefs(start, input));
  writeHead(gitFolder, { branch: input.branch });
  if (start.headSha) await writeFiles(input.temporaryPath, start.headSha, report);
  moveIntoPlace(input.temporaryPath, input.path);
  return { headSha: start.headSha };
}

/** What a new workspace begins with: the refs of the base, and the commit of the branch it is cut from. */
interface Start {
  baseRefs: Ref[];
  /** Null where there is no commit yet, because the whole repository, or that branch, is unborn. */
  headSha: string | null;
}

export async function readStart(basePath: string, baseBranch: string): Promise<Start> {
  const base = await openRepository(basePath);
  try {
    const baseRefs = await refsUnder(base, [BRANCH_PREFIX, TAG_PREFIX]);
    return { baseRefs, headSha: await startingCommit(base, baseRefs, baseBranch) };
  } finally {
    base.cleanup();
  }
}

async function startingCommit(base: Repository, refs: Ref[], baseBranch: string): Promise<string | null> {
  const wanted = BRANCH_PREFIX + baseBranch;
  const found = refs.find(({ name }) => name === wanted);
  if (found) return found.sha;
  const hasBranches = refs.some(({ name }) => name.startsWith(BRANCH_PREFIX));
  if (!hasBranches || (await headRef(base)) === wanted) return null;
  throw new GitError('not-found', `The branch "${baseBranch}" is not in this project any more.`);
}

/** A repository at `folder` that has all objects of the base, and no refs yet. Returns its .git. */
export async function furnish(folder: string, basePath: string): Promise<string> {
  const gitFolder = join(folder, '.git');
  const repository = await nodegit.Repository.init(folder, 0);
  repository.cleanup();
  pinSettings(gitFolder);
  takeObjects(basePath, gitFolder);
  return gitFolder;
}

/** Links the objects of the base that are missing, and says as it does where its history is cut off. */
export function takeObjects(basePath: string, gitFolder: string): void {
  linkObjects(join(basePath, 'objects'), join(gitFolder, 'objects'));
  const [from, to] = [join(basePath, 'shallow'), join(gitFolder, 'shallow')];
  if (existsSync(from)) copyFileSync(from, to);
  else rmSync(to, { force: true });
}

/** Tags as they are, the base's branches as those of a remote would be, and the session's own branch. */
export function workspaceRefs(
  { baseRefs, headSha }: Start,
  { branch, hiddenBranchPrefix }: { branch?: string; hiddenBranchPrefix?: string },
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
  if (branch && headSha) refs.push({ name: BRANCH_PREFIX + branch, sha: headSha });
  return refs;
}
