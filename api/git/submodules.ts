import { lstatSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import type { GitOperations } from './git-operations.ts';
import { readGitmodules } from './gitmodules.ts';
import { MODE, nodegit, type Repository, type Tree, type TreeEntry } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { Place } from './place.ts';
import { putFiles } from './put-files.ts';
import { treeOf } from './trees.ts';
import type { NamedSubmodule, PlacedSubmodule } from './updates.ts';

/** Beside the workspace's own files of git, where the sandbox lets nobody write. */
const RECORD = 'kosuke-submodules.json';
const GITMODULES_BYTES = 256 * 1024;

/** Which commit's files were put into the folder of a submodule; not whole while that goes on. */
type Placed = Record<string, { sha: string; isWhole: boolean }>;

/** The submodules that a commit names in its .gitmodules and pins. Nothing of what is written there is opened. */
export async function submodules({
  basePath,
  sha,
  path,
}: GitOperations['submodules']['input']): Promise<NamedSubmodule[]> {
  const base = await openRepository(basePath);
  try {
    const tree = await treeOf(base, nodegit.Oid.fromString(sha));
    const text = await gitmodules(base, tree);
    const placed = readPlaced(path);
    const found: NamedSubmodule[] = [];
    for (const named of text === null ? [] : readGitmodules(text)) {
      const pinned = await pinnedAt(tree, named.path);
      if (!pinned) continue;
      const done = placed[named.path];
      const isCheckedOut = done?.isWhole === true && done.sha === pinned && hasFiles(join(path, named.path));
      found.push({ ...named, sha: pinned, isCheckedOut });
    }
    return found;
  } finally {
    base.cleanup();
  }
}

/**
 * Puts the files of a submodule into its folder of a workspace, as plain files: no .git of it comes along, so nothing in
 * there can lead git anywhere, and nothing is run. What lies in the folder already is never overwritten.
 */
export async function placeSubmodule(input: GitOperations['placeSubmodule']['input']): Promise<PlacedSubmodule> {
  const workspace = await openWorkspace(input.path);
  const module = await openRepository(input.modulePath);
  try {
    const tree = await commitTree(module, input.sha);
    if (!tree) return { kind: 'no-commit' };
    const placed = readPlaced(input.path);
    const root = makeFolder(input.path, input.folder);
    const known = placed[input.folder];
    if (hasFiles(root) && known?.sha !== input.sha) {
      throw new GitError(
        'exists',
        `The folder ${input.folder} holds files already, which would be mixed with those of the submodule. Move them away first.`,
      );
    }
    if (known?.sha === input.sha && known.isWhole) return { kind: 'placed', keptPaths: [] };
    writePlaced(input.path, { ...placed, [input.folder]: { sha: input.sha, isWhole: false } });
    const index = await nodegit.Index.open(join(module.path(), 'kosuke-no-index'));
    const { keptPaths } = await putFiles({ repository: module, root, from: null, to: tree, committed: tree, index });
    writePlaced(input.path, { ...placed, [input.folder]: { sha: input.sha, isWhole: true } });
    return { kind: 'placed', keptPaths: keptPaths.map((path) => `${input.folder}/${path}`) };
  } finally {
    workspace.cleanup();
    module.cleanup();
  }
}

async function gitmodules(repository: Repository, tree: Tree): Promise<string | null> {
  const entry = await entryAt(tree, '.gitmodules');
  if (!entry || (entry.filemode() !== MODE.FILE && entry.filemode() !== MODE.EXECUTABLE)) return null;
  const blob = await nodegit.Blob.lookup(repository, entry.id());
  return blob.rawsize() > GITMODULES_BYTES ? null : blob.content().toString('utf8');
}

/** The commit of the submodule at this path; null when there is something else, or nothing. */
async function pinnedAt(tree: Tree, path: string): Promise<string | null> {
  const entry = await entryAt(tree, path);
  return entry?.filemode() === MODE.GITLINK ? entry.oid() : null;
}

async function entryAt(tree: Tree, path: string): Promise<TreeEntry | null> {
  try {
    return await tree.entryByPath(path);
  } catch (error) {
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

async function commitTree(module: Repository, sha: string): Promise<Tree | null> {
  try {
    return await treeOf(module, nodegit.Oid.fromString(sha));
  } catch (error) {
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

/** The folder, made where it is not there; never through a link. */
function makeFolder(workspace: string, folder: string): string {
  let place = Place.openRoot(workspace);
  for (const name of folder.split('/')) {
    place.makeFolder(name);
    const next = place.folder(name);
    place.close();
    if (!next) {
      throw new GitError('drifted', `There is a file or a link where the folder ${folder} of the submodule should be.`);
    }
    place = next;
  }
  place.close();
  const full = join(realpathSync.native(workspace), folder);
  if (realpathSync.native(full) !== full) throw new GitError('drifted', 'A folder was replaced by a link meanwhile.');
  return full;
}

function hasFiles(folder: string): boolean {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  return readdirSync(folder).length > 0;
}

function readPlaced(workspace: string): Placed {
  try {
    return JSON.parse(readFileSync(join(workspace, '.git', RECORD), 'utf8')) as Placed;
  } catch {
    // It is not there, or of no use: then nothing counts as checked out.
    return {};
  }
}

function writePlaced(workspace: string, placed: Placed): void {
  const file = join(workspace, '.git', RECORD);
  writeFileSync(`${file}.new`, JSON.stringify(placed));
  renameSync(`${file}.new`, file);
}
