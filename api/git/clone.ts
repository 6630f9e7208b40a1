import { appendFileSync, copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BaseRepository } from './git.ts';
import { GitError } from './git-error.ts';
import { toGitError } from './git-failure.ts';
import type { GitOperations, ReportProgress } from './git-operations.ts';
import { initBare, pointHeadAt } from './init.ts';
import { nodegit, type Repository } from './nodegit.ts';
import { isPartialStore, linkObjects, systemCode } from './object-files.ts';
import { openRepository, openSource } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, type Ref, refsUnder, refTarget, TAG_PREFIX, writePackedRefs } from './refs.ts';
import { findRemote } from './remote-address.ts';
import { claimPlace, moveIntoPlace } from './temporary-folder.ts';

const FALLBACK_BRANCH = 'main';

export async function cloneBase(
  { source, path, temporaryPath }: GitOperations['cloneBase']['input'],
  report: ReportProgress,
): Promise<BaseRepository> {
  claimPlace(path);
  const result =
    source.kind === 'path'
      ? await cloneFromPath(source.path, temporaryPath, report)
      : await cloneFromUrl(source.url, temporaryPath, report);
  moveIntoPlace(temporaryPath, path);
  return result;
}

/** The source is only read: its refs are listed and its object files linked, so none of its settings has a say. */
async function cloneFromPath(sourcePath: string, path: string, report: ReportProgress): Promise<BaseRepository> {
  const source = await openSource(sourcePath);
  const sourceFolder = source.commondir();
  const sourceObjects = join(sourceFolder, 'objects');
  if (isPartialStore(sourceObjects)) {
    throw new GitError(
      'not-a-repository',
      'This is a partial clone: some of its objects are only on its server. Run "git fetch --refetch --no-filter" in it, or add it by its https address.',
    );
  }
  report({ phase: 'Reading branches' });
  const head = await sourceHead(source);
  const refs = await refsUnder(source, [BRANCH_PREFIX, TAG_PREFIX]);
  const defaultBranch = chooseDefaultBranch(head, refs);
  if (head.sha && !refs.some(({ name }) => name === BRANCH_PREFIX + defaultBranch)) {
    refs.push({ name: BRANCH_PREFIX + defaultBranch, sha: head.sha });
  }
  source.cleanup();

  report({ phase: 'Copying objects' });
  const empty = await initBare(path, defaultBranch);
  empty.cleanup();
  linkWhileInUse(sourceObjects, join(path, 'objects'));
  if (existsSync(join(sourceFolder, 'shallow'))) copyFileSync(join(sourceFolder, 'shallow'), join(path, 'shallow'));
  writePackedRefs(path, refs);
  return await checkedBase(path, defaultBranch, refs);
}

/** A repack of the source may take files away between listing and linking; then what is new there is read again. */
function linkWhileInUse(from: string, to: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      linkObjects(from, to);
      return;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === 3) throw error;
    }
  }
}

async function cloneFromUrl(givenUrl: string, path: string, report: ReportProgress): Promise<BaseRepository> {
  report({ phase: 'Connecting' });
  const url = await findRemote(givenUrl);
  const repository = await initBare(path, FALLBACK_BRANCH);
  const remote = await nodegit.Remote.createAnonymous(repository, url);
  try {
    await remote.fetch(
      [`+${BRANCH_PREFIX}*:${BRANCH_PREFIX}*`, `+${TAG_PREFIX}*:${TAG_PREFIX}*`],
      {
        downloadTags: 1,
        prune: 2,
        // No credentials callback: a server that wants a sign-in fails at once with -16 instead of asking again and again.
        callbacks: {
          transferProgress: {
            throttle: 100,
            waitForResult: false,
            callback: (progress) => {
              const total = progress.totalObjects();
              const fraction = total > 0 ? (progress.receivedObjects() + progress.indexedObjects()) / (2 * total) : 0;
              report({ phase: 'Receiving objects', fraction });
            },
          },
        },
      },
      '',
    );
  } catch (error) {
    const known = toGitError(error);
    if (known.code !== 'unexpected') throw known;
    throw new GitError('network', 'The connection to the git server broke off. Try again in a moment.', {
      cause: error,
    });
  }
  const refs = await refsUnder(repository, [BRANCH_PREFIX]);
  const advertised = await remote.defaultBranch().catch(() => null);
  const defaultBranch = chooseDefaultBranch({ ref: refs.length > 0 ? advertised : null, sha: null }, refs);
  await pointHeadAt(repository, defaultBranch);
  repository.cleanup();
  appendFileSync(join(path, 'config'), `[remote "origin"]\n\turl = ${JSON.stringify(url)}\n`);
  return await checkedBase(path, defaultBranch, refs);
}

interface Head {
  ref: string | null;
  sha: string | null;
}

async function sourceHead(source: Repository): Promise<Head> {
  const target = await refTarget(source, 'HEAD');
  return { ref: await headRef(source), sha: target?.tostrS() ?? null };
}

/** The branch HEAD is on; for a detached HEAD the branch that is at the same commit, then the usual names. */
function chooseDefaultBranch(head: Head, refs: Ref[]): string {
  if (head.ref?.startsWith(BRANCH_PREFIX)) return head.ref.slice(BRANCH_PREFIX.length);
  const branches = refs.filter(({ name }) => name.startsWith(BRANCH_PREFIX));
  const usual = ['main', 'master'];
  const atHead = branches.filter(({ sha }) => sha === head.sha);
  const candidates = atHead.length > 0 ? atHead : branches;
  const names = candidates.map(({ name }) => name.slice(BRANCH_PREFIX.length));
  return usual.find((name) => names.includes(name)) ?? names[0] ?? FALLBACK_BRANCH;
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
