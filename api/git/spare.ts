import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { diskUse } from './disk-use.ts';
import type { Spare, WorkspaceHead } from './git.ts';
import type { GitOperations, ReportProgress } from './git-operations.ts';
import {
  CHECKOUT_DISABLE_PATHSPEC_MATCH,
  CHECKOUT_FORCE,
  DIFF_INCLUDE_TYPECHANGE,
  nodegit,
  type Repository,
} from './nodegit.ts';
import { openWorkspace } from './open-repository.ts';
import { refTarget, requireBranchName, writeHead, writePackedRefs } from './refs.ts';
import { REPLACEMENT_CHARACTER } from './safe-path.ts';
import { SPARE_FILE, SPARE_FORMAT } from './spare-file.ts';
import { claimPlace, moveIntoPlace } from './temporary-folder.ts';
import { treeOf } from './trees.ts';
import { furnish, readStart, takeObjects, workspaceRefs } from './workspace.ts';
import { progressTo, writeFiles } from './write-files.ts';

/** A workspace that is nobody's yet: everything a new one needs but a branch of its own. */
export async function makeSpare(
  { basePath, path, temporaryPath, baseBranch, hiddenBranchPrefix }: GitOperations['makeSpare']['input'],
  report: ReportProgress,
): Promise<Spare | null> {
  claimPlace(path);
  const start = await readStart(basePath, baseBranch);
  if (!start.headSha) return null;
  const gitFolder = await furnish(temporaryPath, basePath);
  writePackedRefs(gitFolder, workspaceRefs(start, { hiddenBranchPrefix }));
  writeHead(gitFolder, { sha: start.headSha });
  await writeFiles(temporaryPath, start.headSha, report);
  return await finish(temporaryPath, path, start.headSha);
}

/** Brings a spare to where the base is now, and moves it to `path`. Null when that may not be; then it is of no more use. */
export async function updateSpare(
  { basePath, sparePath, path, baseBranch, hiddenBranchPrefix }: GitOperations['updateSpare']['input'],
  report: ReportProgress,
): Promise<Spare | null> {
  claimPlace(path);
  const start = await readStart(basePath, baseBranch);
  if (!start.headSha) return null;
  const gitFolder = join(sparePath, '.git');
  takeObjects(basePath, gitFolder);
  if (!(await catchUp(sparePath, start.headSha, report))) return null;
  writePackedRefs(gitFolder, workspaceRefs(start, { hiddenBranchPrefix }));
  writeHead(gitFolder, { sha: start.headSha });
  return await finish(sparePath, path, start.headSha);
}

async function finish(temporaryPath: string, path: string, headSha: string): Promise<Spare> {
  const gitFolder = join(temporaryPath, '.git');
  await settleIndex(join(gitFolder, 'index'));
  const spare = { format: SPARE_FORMAT, headSha, bytes: await diskUse({ path: temporaryPath }) };
  writeFileSync(join(gitFolder, SPARE_FILE), JSON.stringify(spare));
  moveIntoPlace(temporaryPath, path);
  return spare;
}

/**
 * Makes a spare the workspace of a session, and moves it into its place as the last step. Null when this spare cannot
 * become that workspace; then it is of no more use.
 */
export async function handOver(
  { basePath, sparePath, path, branch, baseBranch, hiddenBranchPrefix }: GitOperations['handOver']['input'],
  report: ReportProgress,
): Promise<WorkspaceHead | null> {
  requireBranchName(branch);
  claimPlace(path);
  const start = await readStart(basePath, baseBranch);
  if (!start.headSha) return null;
  const gitFolder = join(sparePath, '.git');
  takeObjects(basePath, gitFolder);
  if (!(await catchUp(sparePath, start.headSha, report))) return null;
  writePackedRefs(gitFolder, workspaceRefs(start, { branch, hiddenBranchPrefix }));
  writeHead(gitFolder, { branch });
  rmSync(join(gitFolder, SPARE_FILE));
  moveIntoPlace(sparePath, path);
  return { headSha: start.headSha };
}

/** Brings the files and the index from the commit of HEAD to another one by writing what differs. False when it may not. */
async function catchUp(path: string, sha: string, report: ReportProgress): Promise<boolean> {
  if (readFileSync(join(path, '.git', 'HEAD'), 'utf8').trim() === sha) return true;
  const repository = await openWorkspace(path);
  try {
    const paths = await differingPaths(repository, sha);
    // Other attributes may change what files look like that are the same in both commits.
    if (!paths || paths.some((name) => basename(name).toLowerCase() === '.gitattributes')) return false;
    // No paths at all would mean every path.
    if (paths.length === 0) return true;
    await nodegit.Checkout.tree(repository, await treeOf(repository, nodegit.Oid.fromString(sha)), {
      checkoutStrategy: CHECKOUT_FORCE | CHECKOUT_DISABLE_PATHSPEC_MATCH,
      paths,
      progressCb: progressTo(report),
    });
    return true;
  } finally {
    repository.cleanup();
  }
}

/** The paths that are not the same in HEAD and another commit; null when one of them cannot be addressed. */
async function differingPaths(repository: Repository, sha: string): Promise<string[] | null> {
  const head = await refTarget(repository, 'HEAD');
  if (!head) return null;
  const from = await treeOf(repository, head);
  const to = await treeOf(repository, nodegit.Oid.fromString(sha));
  const diff = await nodegit.Diff.treeToTree(repository, from, to, { flags: DIFF_INCLUDE_TYPECHANGE, contextLines: 0 });
  const paths = new Set<string>();
  for (let index = 0; index < diff.numDeltas(); index += 1) {
    const delta = diff.getDelta(index);
    for (const file of [delta.oldFile(), delta.newFile()]) paths.add(file.path());
  }
  const all = [...paths];
  return all.some((name) => name.includes(REPLACEMENT_CHARACTER)) ? null : all;
}

/**
 * Git looks at every status again into each file that is as young as the index, whose seconds are all it compares. Nobody
 * writes into a spare: so once that second is over, the index may be called younger.
 */
async function settleIndex(index: string): Promise<void> {
  const writtenAt = Math.floor(statSync(index).mtimeMs / 1_000) * 1_000;
  await delay(Math.max(0, writtenAt + 1_001 - Date.now()));
  const now = new Date();
  utimesSync(index, now, now);
}
