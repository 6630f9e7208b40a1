import { fileMode, filesOf, isImageName } from './file-facts.ts';
import { requirePath } from './file-path.ts';
import type { GitOperations } from './git-operations.ts';
import { NotInPlace } from './in-place.ts';
import { MODE, nodegit, type Oid, type Patch, type Repository } from './nodegit.ts';
import { NotThere, orMissing } from './not-there.ts';
import {
  COMPARABLE_BYTES,
  type FileDifference,
  type FileLines,
  type FileSide,
  type FilesState,
  type Missing,
} from './reads.ts';
import { ScratchStore } from './scratch-store.ts';
import { SessionRepositories } from './session-repositories.ts';
import { Shown } from './shown-lines.ts';
import { isBinary } from './text-content.ts';
import { WorkspaceFiles } from './workspace-files.ts';
import { headTree } from './workspace-index.ts';

const MAX_CONTEXT = 1_000;

/** The name both sides have while they are compared: then only their content decides. */
const NAME = 'file';

interface Side extends FileSide {
  /** What stands for its content. */
  id: Oid;
  /** Whether it is a file, a link or a submodule, as git writes it. */
  type: number;
}

export function diffFile(input: GitOperations['diffFile']['input']): Promise<FileLines | Missing> {
  return orMissing(() =>
    SessionRepositories.use(input.session, async (repositories) => {
      const path = requirePath(input.path);
      const oldPath = input.oldPath === null ? path : requirePath(input.oldPath);
      const [from, to] = [await repositories.resolve(input.from), await repositories.resolve(input.to)];
      const scratch = new ScratchStore(input.temporaryPath);
      const sides = new Sides(repositories, scratch);
      const before = await sides.at(from, oldPath);
      const after = await sides.at(to, path);
      if (!before && !after) throw new NotThere('path');
      const trees = [before, after].map((side) => side && scratch.putTree(NAME, side.id, MODE.FILE));
      const store = await scratch.open([repositories.base]);
      try {
        const [one, other] = [await withContent(store, before), await withContent(store, after)];
        const compared = new Comparison(store, one, other, trees);
        return { from, to, ...(await compared.lines(path, oldPath, input.contextLines)) };
      } finally {
        store.cleanup();
      }
    }),
  );
}

/** The two sides of a file, wherever each one is. */
class Sides {
  constructor(
    private readonly repositories: SessionRepositories,
    private readonly scratch: ScratchStore,
  ) {}

  async at(state: FilesState, path: string): Promise<Side | null> {
    if (state.kind === 'workspace') return this.inWorkspace(path);
    const tree = await this.repositories.treeAt(state);
    const file = tree && (await filesOf(this.repositories.base, tree, [path])).get(path);
    if (!file) return null;
    const { id, mode, bytes } = file;
    return mode === MODE.GITLINK ? this.submodule(id) : { id, type: mode & MODE.TYPE, mode: fileMode(mode), bytes };
  }

  private async inWorkspace(path: string): Promise<Side | null> {
    const workspace = await this.repositories.workspace();
    if (!workspace) throw new NotThere('files');
    const files = WorkspaceFiles.of(workspace, this.scratch);
    const at = files.look(path);
    if (at === 'gone') return await this.submoduleIn(workspace, path);
    try {
      const { id, mode, stats } = await (at === 'link'
        ? files.storeLink(path)
        : files.storeFile(path, COMPARABLE_BYTES));
      return { id, type: mode & MODE.TYPE, mode: fileMode(mode), bytes: Number(stats.size) };
    } catch (error) {
      if (error instanceof NotInPlace) return null;
      throw error;
    }
  }

  /** What lies in the folder of a submodule is another repository's: for this one it stays at the commit it was at. */
  private async submoduleIn(workspace: Repository, path: string): Promise<Side | null> {
    const head = await headTree(workspace);
    const file = head && (await filesOf(workspace, head, [path])).get(path);
    return file?.mode === MODE.GITLINK ? this.submodule(file.id) : null;
  }

  /** As git shows it: by the commit it stands for. */
  private submodule(commit: Oid): Side {
    const id = this.scratch.put(Buffer.from(`Subproject commit ${commit.tostrS()}\n`));
    return { id, type: MODE.GITLINK, mode: 'submodule', bytes: null };
  }
}

type ReadSide = Side & { content: Buffer | null };

/** Null where it is too large to be compared. */
async function withContent(store: Repository, side: Side | null): Promise<ReadSide | null> {
  if (!side) return null;
  const isTooLarge = (side.bytes ?? 0) > COMPARABLE_BYTES;
  return { ...side, content: isTooLarge ? null : (await nodegit.Blob.lookup(store, side.id)).content() };
}

class Comparison {
  constructor(
    private readonly store: Repository,
    private readonly before: ReadSide | null,
    private readonly after: ReadSide | null,
    /** Both sides as files of the same name and kind: so a file that became a link shows its lines and the target, too. */
    private readonly trees: (Oid | null)[],
  ) {}

  async lines(
    path: string,
    oldPath: string,
    contextLines: number,
  ): Promise<Pick<FileLines, 'file' | 'hunks' | 'isCut'>> {
    const { before, after } = this;
    const isUncounted = before?.content === null || after?.content === null;
    const isNotText = !isUncounted && [before, after].some((side) => side?.content && isBinary(side.content));
    const patch = isUncounted || isNotText ? null : await this.patch(contextLines);
    const stats = patch?.lineStats();
    const isRenamed = before !== null && after !== null && oldPath !== path;
    const file: FileDifference = {
      path,
      oldPath: isRenamed ? oldPath : null,
      kind: kindOf(before, after, isRenamed),
      additions: stats?.total_additions ?? 0,
      deletions: stats?.total_deletions ?? 0,
      isBinary: isNotText,
      before: before && { mode: before.mode, bytes: before.bytes },
      after: after && { mode: after.mode, bytes: after.bytes },
      isImage: isImageName(path),
      isUncounted,
    };
    const shown = new Shown(before?.content ?? Buffer.alloc(0), after?.content ?? Buffer.alloc(0));
    return { file, ...(await shown.hunksOf(patch)) };
  }

  private async patch(contextLines: number): Promise<Patch | null> {
    const [from, to] = await Promise.all(this.trees.map((id) => id && nodegit.Tree.lookup(this.store, id)));
    const diff = await nodegit.Diff.treeToTree(this.store, from ?? null, to ?? null, {
      flags: 0,
      contextLines: Math.min(Math.max(0, contextLines), MAX_CONTEXT),
    });
    return diff.numDeltas() > 0 ? ((await diff.patches([0]))[0] ?? null) : null;
  }
}

function kindOf(before: Side | null, after: Side | null, isRenamed: boolean): FileDifference['kind'] {
  if (!before) return 'added';
  if (!after) return 'deleted';
  if (before.type !== after.type) return 'type-changed';
  return isRenamed ? 'renamed' : 'modified';
}
