import { lstat, mkdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { TEMPORARY_PREFIX, temporarySibling } from '../git/temporary-folder.ts';
import { namesIn } from '../workspaces/trash.ts';
import { copyTree, type TreeSize } from './copy-tree.ts';

/** Written last: what has none is not whole. Folder number n lies in `tree/{n}`. */
const MANIFEST = 'manifest.json';

const manifestSchema = z.object({
  folders: z.array(z.object({ path: z.string(), files: z.number(), bytes: z.number() })),
});
type Manifest = z.infer<typeof manifestSchema>;

export interface SetupCacheOptions {
  /** Of one project. */
  maxBytes: number;
  maxEntries: number;
  /** The folder of a project's entries. */
  folderOf(projectId: number): string;
  /** Takes something away, whatever the rights to what is in it. */
  discard(path: string): Promise<void>;
  /** Told of what went wrong and hurt nobody. */
  onError(error: unknown): void;
}

/**
 * Dependencies that setups made, kept for the next workspace of the same project, and of no other. An entry is there whole or
 * not at all, is copied and never shared, and is proven by count and length when it is taken: see ADR 15.
 */
export class SetupCache {
  constructor(private readonly options: SetupCacheOptions) {}

  /** Puts the folders of an entry into a workspace, where they are not there yet. False when there is no such entry. */
  async restore(projectId: number, key: string, workspacePath: string): Promise<boolean> {
    const entry = join(this.options.folderOf(projectId), key);
    const manifest = await readManifest(entry);
    if (!manifest) return false;
    // Beside the workspace and not in it: what is half done there would be committed after a crash.
    const draft = temporarySibling(workspacePath);
    try {
      await mkdir(draft, { mode: 0o700 });
      for (const [index, folder] of manifest.folders.entries()) {
        const size = await copyTree(join(entry, 'tree', String(index)), join(draft, String(index)));
        if (size.files !== folder.files || size.bytes !== folder.bytes)
          throw new Error('An entry of the cache is torn.');
      }
      for (const [index, { path }] of manifest.folders.entries()) {
        if (await isFree(workspacePath, path)) await rename(join(draft, String(index)), join(workspacePath, path));
      }
      const now = new Date();
      await utimes(entry, now, now);
      return true;
    } catch (error) {
      this.options.onError(error);
      await this.discard(projectId, key);
      return false;
    } finally {
      await this.options.discard(draft);
    }
  }

  /** Keeps these folders of a workspace. False when they are too large or the disk does not take them. */
  async save(projectId: number, key: string, workspacePath: string, folders: string[]): Promise<boolean> {
    if (this.options.maxEntries === 0) return false;
    const entry = join(this.options.folderOf(projectId), key);
    const draft = temporarySibling(entry);
    try {
      await mkdir(join(draft, 'tree'), { recursive: true, mode: 0o700 });
      const sizes: TreeSize[] = [];
      let left = this.options.maxBytes;
      for (const [index, path] of folders.entries()) {
        const size = await copyTree(join(workspacePath, path), join(draft, 'tree', String(index)), left);
        left -= size.bytes;
        sizes.push(size);
      }
      const manifest: Manifest = { folders: folders.map((path, index) => ({ path, ...(sizes[index] as TreeSize) })) };
      await writeFile(join(draft, MANIFEST), JSON.stringify(manifest));
      await rename(draft, entry);
    } catch (error) {
      // Another setup may have been quicker: then its entry is as good.
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) this.options.onError(error);
      return false;
    } finally {
      await this.options.discard(draft);
    }
    await this.evict(projectId);
    return true;
  }

  /** For one that did no good. */
  async discard(projectId: number, key: string): Promise<void> {
    await this.options.discard(join(this.options.folderOf(projectId), key));
  }

  /** What was not used for longest goes first. */
  private async evict(projectId: number): Promise<void> {
    const folder = this.options.folderOf(projectId);
    const entries = [];
    for (const key of await namesIn(folder)) {
      if (key.startsWith(TEMPORARY_PREFIX)) continue;
      const manifest = await readManifest(join(folder, key));
      const usedAt = (await stat(join(folder, key)).catch(() => null))?.mtimeMs ?? 0;
      const bytes = manifest?.folders.reduce((sum, one) => sum + one.bytes, 0) ?? Number.POSITIVE_INFINITY;
      entries.push({ key, usedAt, bytes });
    }
    entries.sort((one, other) => other.usedAt - one.usedAt);
    let bytes = 0;
    for (const [index, entry] of entries.entries()) {
      bytes += entry.bytes;
      if (index >= this.options.maxEntries || bytes > this.options.maxBytes) await this.discard(projectId, entry.key);
    }
  }
}

async function readManifest(entry: string): Promise<Manifest | null> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(entry, MANIFEST), 'utf8')));
  } catch {
    return null;
  }
}

/** Whether nothing is at a path, and real folders lead to it. */
async function isFree(root: string, path: string): Promise<boolean> {
  const there = await lstat(join(root, path)).catch(() => null);
  if (there) return false;
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (!(await lstat(join(root, folder)).catch(() => null))?.isDirectory()) return false;
  }
  return basename(path) !== '.git';
}
