import { closeSync, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileMode, filesOf } from './file-facts.ts';
import { isGitFolder, requirePath, whyNotThere } from './file-path.ts';
import { libgit2Errno } from './git-failure.ts';
import { isGone, NotInPlace, openFolderInPlace } from './in-place.ts';
import { type Index, MODE, nodegit, type Repository, type Tree, type TreeEntry } from './nodegit.ts';
import { NotThere, orMissing } from './not-there.ts';
import { type FolderEntry, type FolderListing, MAX_LISTED, type Missing, type PathInput } from './reads.ts';
import { SessionRepositories } from './session-repositories.ts';

export function listFolder({ session, at: asked, path }: PathInput): Promise<FolderListing | Missing> {
  return orMissing(() =>
    SessionRepositories.use(session, async (repositories) => {
      if (path !== '') requirePath(path);
      const at = await repositories.resolve(asked);
      const workspace = at.kind === 'workspace' ? await repositories.workspace() : null;
      if (workspace) return { at, path, ...(await inWorkspace(workspace, path)) };
      const tree = at.kind === 'commit' ? await repositories.treeAt(at) : null;
      return { at, path, ...(await inTree(repositories.base, tree, path)) };
    }),
  );
}

async function inTree(repository: Repository, root: Tree | null, path: string) {
  const tree = await folderOf(repository, root, path);
  const entries = (tree?.entries() ?? []).map((entry) => ({ entry, ...kindAndName(entry) })).sort(byKindAndName);
  const listed = entries.slice(0, MAX_LISTED);
  const names = listed.filter(({ kind }) => kind === 'file' || kind === 'link').map(({ name }) => name);
  const files = tree ? await filesOf(repository, tree, names) : new Map<string, never>();
  const found: FolderEntry[] = [];
  for (const { name, kind, entry } of listed) {
    const bytes = kind === 'file' ? (files.get(name)?.bytes ?? null) : null;
    const isExecutable = entry.filemode() === MODE.EXECUTABLE;
    const linkTarget =
      kind === 'link' ? (await nodegit.Blob.lookup(repository, entry.id())).content().toString('utf8') : null;
    found.push({ name, path: join(path, name), kind, bytes, isExecutable, linkTarget, status: 'tracked' });
  }
  return { entries: found, total: entries.length };
}

/** Null where there is nothing at all yet. */
async function folderOf(repository: Repository, root: Tree | null, path: string): Promise<Tree | null> {
  if (path === '') return root;
  const entry = root && (await entryAt(root, path));
  if (!entry) throw new NotThere('path');
  if (entry.filemode() !== MODE.TREE) throw new NotThere('not-a-folder');
  return await nodegit.Tree.lookup(repository, entry.id());
}

async function entryAt(tree: Tree, path: string): Promise<TreeEntry | null> {
  try {
    return await tree.entryByPath(path);
  } catch (error) {
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

function kindAndName(entry: TreeEntry): Pick<FolderEntry, 'kind' | 'name'> {
  const name = entry.name();
  if (entry.filemode() === MODE.TREE) return { name, kind: 'folder' };
  const mode = fileMode(entry.filemode());
  return { name, kind: mode === 'executable' ? 'file' : mode };
}

async function inWorkspace(workspace: Repository, path: string) {
  const root = dirname(workspace.path());
  const index = await workspace.index();
  const found = readFolder(root, path);
  const listed = found.sort(byKindAndName).slice(0, MAX_LISTED);
  // What is ignored as a whole ignores all that is in it.
  const isIgnored = path !== '' && (await ignores(workspace, `${path}/`));
  const entries: FolderEntry[] = [];
  for (const entry of listed) {
    const gitMode = index.getByPath(entry.path, 0)?.mode;
    const isTracked = gitMode !== undefined || (entry.kind === 'folder' && (await holds(index, entry.path)));
    const status = isTracked
      ? 'tracked'
      : isIgnored || (await ignores(workspace, entry.path))
        ? 'ignored'
        : 'untracked';
    entries.push({ ...entry, kind: gitMode === MODE.GITLINK ? 'submodule' : entry.kind, status });
  }
  return { entries, total: found.length };
}

/** What lies in a folder of the workspace, once it is proven that it lies there. */
function readFolder(root: string, path: string): Omit<FolderEntry, 'status'>[] {
  const full = join(root, path);
  const folder = openFolder(root, path);
  try {
    // The open folder itself, whatever was put at its path meanwhile.
    const opened = process.platform === 'linux' ? `/proc/self/fd/${folder}` : full;
    const entries: Omit<FolderEntry, 'status'>[] = [];
    for (const name of readdirSync(opened)) {
      if (isGitFolder(name)) continue;
      const stats = lstatSync(join(opened, name), { throwIfNoEntry: false });
      if (stats) entries.push(entryOf(join(opened, name), name, join(path, name), stats));
    }
    if (opened === full) closeSync(openFolder(root, path));
    return entries;
  } finally {
    closeSync(folder);
  }
}

function openFolder(root: string, path: string): number {
  const full = join(root, path);
  try {
    return openFolderInPlace(full);
  } catch (error) {
    if (!(error instanceof NotInPlace)) throw error;
    const isThere = lstatSync(full, { throwIfNoEntry: false }) !== undefined;
    const why = whyNotThere(root, path);
    throw isThere && why.missing === 'path' ? new NotThere('not-a-folder') : why;
  }
}

function entryOf(full: string, name: string, path: string, stats: Stats): Omit<FolderEntry, 'status'> {
  const isFile = stats.isFile();
  return {
    name,
    path,
    kind: kindOf(stats),
    bytes: isFile ? stats.size : null,
    isExecutable: isFile && (stats.mode & 0o100) !== 0,
    linkTarget: stats.isSymbolicLink() ? linkTargetAt(full) : null,
  };
}

function kindOf(stats: Stats): FolderEntry['kind'] {
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isDirectory()) return 'folder';
  return stats.isFile() ? 'file' : 'other';
}

function linkTargetAt(full: string): string | null {
  try {
    return readlinkSync(full);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function holds(index: Index, folder: string): Promise<boolean> {
  try {
    await index.findPrefix(`${folder}/`);
    return true;
  } catch (error) {
    if (libgit2Errno(error) === -3) return false;
    throw error;
  }
}

async function ignores(workspace: Repository, path: string): Promise<boolean> {
  return (await nodegit.Ignore.pathIsIgnored(workspace, path)) === 1;
}

function byKindAndName(one: Pick<FolderEntry, 'kind' | 'name'>, other: Pick<FolderEntry, 'kind' | 'name'>): number {
  const folders = Number(other.kind === 'folder') - Number(one.kind === 'folder');
  return folders || (one.name < other.name ? -1 : 1);
}
