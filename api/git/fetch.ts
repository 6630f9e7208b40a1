import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BranchMove, FetchedBase, PathSource } from './git.ts';
import { GitError } from './git-error.ts';
import type { GitOperations, ReportProgress } from './git-operations.ts';
import { pointHeadAt } from './init.ts';
import { nodegit, type Repository } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { BRANCH_PREFIX, headRef, type Ref, refsUnder, refTarget, TAG_PREFIX } from './refs.ts';
import { findRemote } from './remote-address.ts';
import { chooseDefaultBranch, fetchFrom, linkWhileInUse, readPathSource } from './source.ts';

/** Where what a server has lands first, so that nothing a server is named like can reach branches of ours. */
const ARRIVED = 'refs/remotes/source/';

/** What the source has now. */
interface Arrived {
  branches: Map<string, string>;
  tags: Map<string, string>;
  defaultBranch: string;
}

/**
 * Makes the branches of a base repository those of its source again. Branches that begin with `keptPrefix` are the
 * sessions' and stay as they are, whatever the source has by those names; so does everything that is not a branch.
 */
export async function fetchBase(
  { path, source, keptPrefix }: GitOperations['fetchBase']['input'],
  report: ReportProgress,
): Promise<FetchedBase> {
  const base = await openRepository(path);
  try {
    const arrived =
      source.kind === 'path'
        ? await arriveFromPath(base, source, report)
        : await arriveFromUrl(base, source.url, report);
    const before = (await branchesOf(base, BRANCH_PREFIX)).filter(([name]) => !name.startsWith(keptPrefix));
    for (const name of arrived.branches.keys()) if (name.startsWith(keptPrefix)) arrived.branches.delete(name);
    if (arrived.branches.size === 0 && before.length > 0) {
      throw new GitError(
        'rejected',
        'The source has no branches any more, so nothing was changed. If that is meant, add it as a new project.',
      );
    }
    await requireAll(base, arrived);
    const moves = await movesOf(base, new Map(before), arrived.branches);
    await apply(base, moves, arrived);
    const defaultBranch = await keepHead(base, arrived);
    return { branches: moves, sourceDefaultBranch: arrived.defaultBranch, headBranch: defaultBranch };
  } finally {
    base.cleanup();
  }
}

async function arriveFromPath(base: Repository, source: PathSource, report: ReportProgress): Promise<Arrived> {
  report({ phase: 'Reading branches' });
  const { stores, shallowFile, refs, defaultBranch } = await readPathSource(source);
  report({ phase: 'Copying objects' });
  for (const objects of stores) linkWhileInUse(objects, join(base.path(), 'objects'));
  if (shallowFile) copyFileSync(shallowFile, join(base.path(), 'shallow'));
  else rmSync(join(base.path(), 'shallow'), { force: true });
  return { branches: short(refs, BRANCH_PREFIX), tags: short(refs, TAG_PREFIX), defaultBranch };
}

async function arriveFromUrl(base: Repository, givenUrl: string, report: ReportProgress): Promise<Arrived> {
  report({ phase: 'Connecting' });
  const url = await findRemote(givenUrl);
  const refspecs = [`+${BRANCH_PREFIX}*:${ARRIVED}heads/*`, `+${TAG_PREFIX}*:${ARRIVED}tags/*`];
  // Not left to pruning: libgit2 takes away after it has written, and fails where "a" made room for "a/b".
  for (const { name } of await refsUnder(base, [ARRIVED])) await nodegit.Reference.remove(base, name);
  const remote = await fetchFrom(base, url, refspecs, report);
  const branches = new Map(await branchesOf(base, `${ARRIVED}heads/`));
  const advertised = await remote.defaultBranch().catch(() => null);
  const refs = [...branches].map(([name, sha]) => ({ name: BRANCH_PREFIX + name, sha }));
  const head = { ref: refs.length > 0 ? advertised : null, sha: null };
  return {
    branches,
    tags: new Map(await branchesOf(base, `${ARRIVED}tags/`)),
    defaultBranch: chooseDefaultBranch(head, refs),
  };
}

async function branchesOf(repository: Repository, prefix: string): Promise<[name: string, sha: string][]> {
  return [...short(await refsUnder(repository, [prefix]), prefix)];
}

function short(refs: Ref[], prefix: string): Map<string, string> {
  return new Map(
    refs.filter(({ name }) => name.startsWith(prefix)).map(({ name, sha }) => [name.slice(prefix.length), sha]),
  );
}

/** Before any branch moves: a damaged source must not take the good branches away. */
async function requireAll(base: Repository, { branches, tags }: Arrived): Promise<void> {
  const store = await base.odb();
  for (const sha of [...branches.values(), ...tags.values()]) {
    if (store.existsExt(nodegit.Oid.fromString(sha), 0) === 1) continue;
    throw new GitError('not-a-repository', 'The source repository is damaged: it lacks commits its branches name.');
  }
}

async function movesOf(
  base: Repository,
  before: Map<string, string>,
  after: Map<string, string>,
): Promise<BranchMove[]> {
  const moves: BranchMove[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [oldSha, newSha] = [before.get(name) ?? null, after.get(name) ?? null];
    if (oldSha === newSha) continue;
    moves.push({ name, oldSha, newSha, kind: await kindOf(base, oldSha, newSha) });
  }
  return moves.sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function kindOf(base: Repository, oldSha: string | null, newSha: string | null): Promise<BranchMove['kind']> {
  if (oldSha === null) return 'created';
  if (newSha === null) return 'deleted';
  const [from, to] = [nodegit.Oid.fromString(oldSha), nodegit.Oid.fromString(newSha)];
  return (await nodegit.Graph.descendantOf(base, to, from)) === 1 ? 'advanced' : 'rewritten';
}

async function apply(base: Repository, moves: BranchMove[], { tags }: Arrived): Promise<void> {
  // What goes, goes first: a branch "a" may make room for "a/b".
  for (const { name, newSha } of moves) {
    if (newSha === null) await nodegit.Reference.remove(base, BRANCH_PREFIX + name);
  }
  for (const { name, newSha } of moves) {
    if (newSha) await nodegit.Reference.create(base, BRANCH_PREFIX + name, nodegit.Oid.fromString(newSha), 1, '');
  }
  const known = new Map(await branchesOf(base, TAG_PREFIX));
  for (const [name, sha] of tags) {
    if (known.get(name) === sha) continue;
    await nodegit.Reference.create(base, TAG_PREFIX + name, nodegit.Oid.fromString(sha), 1, '');
  }
}

/** HEAD of the base stays where it is while that branch is there; else it follows the source. */
async function keepHead(base: Repository, { branches, defaultBranch }: Arrived): Promise<string> {
  const head = await headRef(base);
  const current = head?.startsWith(BRANCH_PREFIX) ? head.slice(BRANCH_PREFIX.length) : null;
  if (current !== null && (branches.size === 0 || (await refTarget(base, BRANCH_PREFIX + current)))) return current;
  await pointHeadAt(base, defaultBranch);
  return defaultBranch;
}
