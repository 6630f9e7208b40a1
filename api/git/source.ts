import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { PathSource } from './git.ts';
import { GitError } from './git-error.ts';
import { toGitError } from './git-failure.ts';
import type { ReportProgress } from './git-operations.ts';
import { FETCH_NO_PRUNE, nodegit, type Remote, type Repository } from './nodegit.ts';
import { isPartialStore, linkObjects, storesOf, systemCode } from './object-files.ts';
import { openSource } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, type Ref, refsUnder, refTarget, TAG_PREFIX } from './refs.ts';

const FALLBACK_BRANCH = 'main';

/** What a repository on this disk has to give. */
export interface FoundSource {
  /** Its own objects, and those it borrows. */
  stores: string[];
  /** Its list of commits whose parents are not there; null when it has all. */
  shallowFile: string | null;
  defaultBranch: string;
  /** Branches and tags; a detached HEAD that is on none counts as a branch, too. */
  refs: Ref[];
}

export interface SourceHead {
  ref: string | null;
  sha: string | null;
}

/** The source is only read: its refs are listed and its object files linked, so none of its settings has a say. */
export async function readPathSource({ path, keepOutOf }: PathSource): Promise<FoundSource> {
  const source = await openSource(path);
  const folder = source.commondir();
  const stores = storesOf(join(folder, 'objects'));
  if (keepOutOf) requireOutside(keepOutOf, [source.path(), folder, ...stores]);
  if (stores.some(isPartialStore)) {
    throw new GitError(
      'not-a-repository',
      'This is a partial clone: some of its objects are only on its server. Run "git fetch --refetch --no-filter" in it, or add it by its https address.',
    );
  }
  const head = { ref: await headRef(source), sha: (await refTarget(source, 'HEAD'))?.tostrS() ?? null };
  const refs = await refsUnder(source, [BRANCH_PREFIX, TAG_PREFIX]);
  const defaultBranch = chooseDefaultBranch(head, refs);
  if (head.sha && !refs.some(({ name }) => name === BRANCH_PREFIX + defaultBranch)) {
    refs.push({ name: BRANCH_PREFIX + defaultBranch, sha: head.sha });
  }
  source.cleanup();
  const shallowFile = join(folder, 'shallow');
  // A link could make any file of the server one of the workspace.
  const isShallow = lstatSync(shallowFile, { throwIfNoEntry: false })?.isFile() ?? false;
  return { stores, shallowFile: isShallow ? shallowFile : null, defaultBranch, refs };
}

/**
 * A source may borrow objects of other repositories, or be a link to one itself. Whoever names it may read those, but not
 * what Kosuke keeps for other people.
 */
function requireOutside(folder: string, paths: string[]): void {
  const kept = realpathSync.native(folder);
  for (const path of paths.flatMap((each) => [each, join(each, 'pack')])) {
    if (!existsSync(path)) continue;
    const real = realpathSync.native(path);
    if (real === kept || real.startsWith(`${kept}/`)) {
      throw new GitError('rejected', "This repository takes its objects from Kosuke's own data, which it may not.");
    }
  }
}

/** A repack of the source may take files away between listing and linking; then what is new there is read again. */
export function linkWhileInUse(from: string, to: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      linkObjects(from, to);
      return;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === 3) throw error;
    }
  }
}

/** Fetches from a server that was found by remote-address.ts. */
export async function fetchFrom(
  repository: Repository,
  url: string,
  refspecs: string[],
  report: ReportProgress,
): Promise<Remote> {
  const remote = await nodegit.Remote.createAnonymous(repository, url);
  try {
    await remote.fetch(
      refspecs,
      {
        downloadTags: 1,
        prune: FETCH_NO_PRUNE,
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
    return remote;
  } catch (error) {
    const known = toGitError(error);
    if (known.code !== 'unexpected') throw known;
    throw new GitError('network', 'The connection to the git server broke off. Try again in a moment.', {
      cause: error,
    });
  }
}

/** The branch HEAD is on; for a detached HEAD the branch that is at the same commit, then the usual names. */
export function chooseDefaultBranch(head: SourceHead, refs: Ref[]): string {
  if (head.ref?.startsWith(BRANCH_PREFIX)) return head.ref.slice(BRANCH_PREFIX.length);
  const branches = refs.filter(({ name }) => name.startsWith(BRANCH_PREFIX));
  const usual = ['main', 'master'];
  const atHead = branches.filter(({ sha }) => sha === head.sha);
  const candidates = atHead.length > 0 ? atHead : branches;
  const names = candidates.map(({ name }) => name.slice(BRANCH_PREFIX.length));
  return usual.find((name) => names.includes(name)) ?? names[0] ?? FALLBACK_BRANCH;
}
