import { kindOf, RENAME_LIMIT } from './file-changes.ts';
import { fileMode, filesOf, isImageName, type TreeFile } from './file-facts.ts';
import type { GitOperations } from './git-operations.ts';
import {
  DIFF_FILE_BINARY,
  DIFF_FIND_RENAMES,
  DIFF_INCLUDE_TYPECHANGE,
  DIFF_REVERSE,
  type Diff,
  type DiffDelta,
  type DiffFile,
  MODE,
  nodegit,
  type Patch,
  type Repository,
  type Tree,
} from './nodegit.ts';
import { NotThere, orMissing } from './not-there.ts';
import {
  COMPARABLE_BYTES,
  type Difference,
  type FileDifference,
  type FileSide,
  type FilesState,
  MAX_LISTED,
  type Missing,
} from './reads.ts';
import { ScratchStore } from './scratch-store.ts';
import { SessionRepositories } from './session-repositories.ts';
import { isBinary, linesOf } from './text-content.ts';
import { WorkspaceIndex } from './workspace-index.ts';

/** So long lines are counted; the files after that are named without. */
const COUNTING_MS = 10_000;

const OPTIONS = { flags: DIFF_INCLUDE_TYPECHANGE, contextLines: 0, maxSize: COMPARABLE_BYTES };

/** So many files are counted at once: each holds its lines in memory meanwhile. */
const BATCH = 50;

export function diffFiles(input: GitOperations['diffFiles']['input']): Promise<Difference | Missing> {
  return orMissing(() =>
    SessionRepositories.use(input.session, async (repositories) => {
      const from = await repositories.resolve(input.from);
      const to = await repositories.resolve(input.to);
      if (from.kind === 'workspace') return { from, to, ...(await withWorkspace(repositories, to, true, input)) };
      if (to.kind === 'workspace') return { from, to, ...(await withWorkspace(repositories, from, false, input)) };
      const trees = [await repositories.treeAt(from), await repositories.treeAt(to)] as const;
      return { from, to, skippedPaths: [], ...(await compareTrees(repositories.base, ...trees)) };
    }),
  );
}

type Compared = Omit<Difference, 'from' | 'to'>;

async function compareTrees(
  repository: Repository,
  from: Tree | null,
  to: Tree | null,
): Promise<Omit<Compared, 'skippedPaths'>> {
  const diff = await nodegit.Diff.treeToTree(repository, from, to, OPTIONS);
  const files = await listFiles(diff);
  await completeTypeChanges(repository, files, {
    before: async (paths) => from && (await filesOf(repository, from, paths)),
    after: async (paths) => to && (await filesOf(repository, to, paths)),
  });
  return { files, totalFiles: diff.numDeltas() };
}

/** The workspace against another state, or the other way round. */
async function withWorkspace(
  repositories: SessionRepositories,
  other: FilesState,
  isReverse: boolean,
  { temporaryPath }: GitOperations['diffFiles']['input'],
): Promise<Compared> {
  const workspace = await repositories.workspace();
  if (!workspace) throw new NotThere('files');
  if (other.kind === 'workspace') return { files: [], totalFiles: 0, skippedPaths: [] };
  const scratch = new ScratchStore(temporaryPath);
  const now = await WorkspaceIndex.read(workspace, scratch);
  const store = await scratch.open([repositories.base, workspace]);
  try {
    const tree = await repositories.treeAt(other);
    const flags = OPTIONS.flags | (isReverse ? DIFF_REVERSE : 0);
    const diff = await nodegit.Diff.treeToIndex(store, tree, now.index, { ...OPTIONS, flags });
    const files = await listFiles(diff, now.unread);
    const inTree = async (paths: string[]) => tree && (await filesOf(repositories.base, tree, paths));
    const inWorkspace = (paths: string[]) => now.filesOf(paths);
    const [before, after] = isReverse ? [inWorkspace, inTree] : [inTree, inWorkspace];
    await completeTypeChanges(store, files, { before, after });
    const listed = new Set(files.map(({ path }) => path));
    const more = now.unlisted.filter((path) => !listed.has(path)).length;
    return { files, totalFiles: diff.numDeltas() + more, skippedPaths: now.skippedPaths };
  } finally {
    store.cleanup();
  }
}

async function listFiles(diff: Diff, unread: Map<string, number> = new Map()): Promise<FileDifference[]> {
  await diff.findSimilar({ flags: DIFF_FIND_RENAMES, renameLimit: RENAME_LIMIT });
  const listed = Math.min(diff.numDeltas(), MAX_LISTED);
  const deltas = Array.from({ length: listed }, (_, index) => listedOf(diff.getDelta(index)));
  return await count(diff, deltas, unread);
}

/** What a delta says, read out at once: what nodegit hands out of a diff lies in memory that goes with the diff. */
interface Listed {
  path: string;
  oldPath: string;
  status: number;
  oldMode: number;
  newMode: number;
}

function listedOf(delta: DiffDelta): Listed {
  const [before, after] = [delta.oldFile(), delta.newFile()];
  return {
    path: after.path(),
    oldPath: before.path(),
    status: delta.status(),
    oldMode: before.mode(),
    newMode: after.mode(),
  };
}

async function count(diff: Diff, deltas: Listed[], unread: Map<string, number>): Promise<FileDifference[]> {
  const files: FileDifference[] = [];
  const until = performance.now() + COUNTING_MS;
  for (let start = 0; start < deltas.length; start += BATCH) {
    const batch = deltas.slice(start, start + BATCH);
    const patches = new Map<string, Patch>();
    if (performance.now() < until) {
      const indexes = batch.map((_, index) => start + index);
      for (const patch of await diff.patches(indexes)) patches.set(patch.newFile().path(), patch);
    }
    for (const delta of batch) files.push(differenceOf(delta, patches.get(delta.path), unread));
  }
  return files;
}

function differenceOf(delta: Listed, patch: Patch | undefined, unread: Map<string, number>): FileDifference {
  const { path } = delta;
  const kind = kindOf(delta.status);
  const before = kind === 'added' ? null : sideOf(delta.oldMode, patch?.oldFile());
  const after = kind === 'deleted' ? null : sideOf(delta.newMode, patch?.newFile());
  const unreadBytes = unread.get(path);
  if (unreadBytes !== undefined && after) after.bytes = unreadBytes;
  const isUncounted =
    !patch || [before, after].some((side) => (side?.bytes ?? 0) > COMPARABLE_BYTES) || unreadBytes !== undefined;
  const lines = isUncounted ? undefined : patch.lineStats();
  return {
    path,
    oldPath: kind === 'renamed' ? delta.oldPath : null,
    kind,
    additions: lines?.total_additions ?? 0,
    deletions: lines?.total_deletions ?? 0,
    isBinary: !isUncounted && (patch.newFile().flags() & DIFF_FILE_BINARY) !== 0,
    before,
    after,
    isImage: isImageName(path),
    isUncounted,
  };
}

function sideOf(mode: number, sized: DiffFile | undefined): FileSide {
  return { mode: fileMode(mode), bytes: sized && mode !== MODE.GITLINK ? sized.size() : null };
}

type Lookup = (paths: string[]) => Promise<Map<string, TreeFile> | null>;

/** Where a file became a link, or the other way round, libgit2 leaves the sizes out and counts nothing. */
async function completeTypeChanges(
  repository: Repository,
  files: FileDifference[],
  lookups: { before: Lookup; after: Lookup },
): Promise<void> {
  const changed = files.filter(({ kind }) => kind === 'type-changed');
  const paths = changed.map(({ path }) => path);
  for (const side of ['before', 'after'] as const) {
    const found = await lookups[side](paths);
    for (const file of changed) {
      const there = found?.get(file.path);
      if (!there || there.mode === MODE.GITLINK) continue;
      file[side] = { mode: fileMode(there.mode), bytes: there.bytes };
      if (there.bytes > COMPARABLE_BYTES) file.isUncounted = true;
      if (file.isUncounted) continue;
      const content = (await nodegit.Blob.lookup(repository, there.id)).content();
      if (isBinary(content)) file.isBinary = true;
      else if (side === 'before') file.deletions = linesOf(content).length;
      else file.additions = linesOf(content).length;
    }
  }
}
