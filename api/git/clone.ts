import { appendFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BaseRepository, PathSource } from './git.ts';
import { GitError } from './git-error.ts';
import type { GitOperations, ReportProgress } from './git-operations.ts';
import { initBare, pointHeadAt } from './init.ts';
import { nodegit } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { BRANCH_PREFIX, type Ref, refsUnder, TAG_PREFIX, writePackedRefs } from './refs.ts';
import { findRemote } from './remote-address.ts';
import { chooseDefaultBranch, fetchFrom, linkWhileInUse, readPathSource } from './source.ts';
import { claimPlace, moveIntoPlace } from './temporary-folder.ts';

const FALLBACK_BRANCH = 'main';

export async function cloneBase(
  { source, path, temporaryPath }: GitOperations['cloneBase']['input'],
  report: ReportProgress,
): Promise<BaseRepository> {
  claimPlace(path);
  const result =
    source.kind === 'path'
      ? await cloneFromPath(source, temporaryPath, report)
      : await cloneFromUrl(source.url, temporaryPath, report);
  moveIntoPlace(temporaryPath, path);
  return result;
}

async function cloneFromPath(source: PathSource, path: string, report: ReportProgress): Promise<BaseRepository> {
  report({ phase: 'Reading branches' });
  const { stores, shallowFile, defaultBranch, refs } = await readPathSource(source);
  report({ phase: 'Copying objects' });
  const empty = await initBare(path, defaultBranch);
  empty.cleanup();
  for (const objects of stores) linkWhileInUse(objects, join(path, 'objects'));
  if (shallowFile) copyFileSync(shallowFile, join(path, 'shallow'));
  writePackedRefs(path, refs);
  return await checkedBase(path, defaultBranch, refs);
}

async function cloneFromUrl(givenUrl: string, path: string, report: ReportProgress): Promise<BaseRepository> {
  report({ phase: 'Connecting' });
  const url = await findRemote(givenUrl);
  const repository = await initBare(path, FALLBACK_BRANCH);
  const refspecs = [`+${BRANCH_PREFIX}*:${BRANCH_PREFIX}*`, `+${TAG_PREFIX}*:${TAG_PREFIX}*`];
  const remote = await fetchFrom(repository, url, refspecs, report);
  const refs = await refsUnder(repository, [BRANCH_PREFIX]);
  const advertised = await remote.defaultBranch().catch(() => null);
  const defaultBranch = chooseDefaultBranch({ ref: refs.length > 0 ? advertised : null, sha: null }, refs);
  await pointHeadAt(repository, defaultBranch);
  repository.cleanup();
  appendFileSync(join(path, 'config'), `[remote "origin"]\n\turl = ${JSON.stringify(url)}\n`);
  return await checkedBase(path, defaultBranch, refs);
}

/** Proves that the commits all refs lead to have come along, before anyone can see the repository. */
async function checkedBase(path: string, defaultBranch: string, refs: Ref[]): Promise<BaseRepository> {
  const base = await openRepository(path);
  const store = await base.odb();
  let headSha: string | null = null;
  for (const { name, sha } of refs) {
    const id = await nodegit.Reference.nameToId(base, name);
    if (store.existsExt(id, 0) !== 1) {
      throw new GitError('not-a-repository', 'The source repository is damaged: it lacks commits its branches name.');
    }
    if (name === BRANCH_PREFIX + defaultBranch) headSha = sha;
  }
  base.cleanup();
  return { defaultBranch, headSha };
}
