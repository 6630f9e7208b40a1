import {
  accessSync,
  closeSync,
  constants as fsConstants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Changes } from './changes.ts';
import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import { ATTR_NO_SYSTEM, FILTER_TO_ODB, type Index, MODE, nodegit, type Oid, type Repository } from './nodegit.ts';
import { systemCode } from './object-files.ts';

/** Larger files go through a copy on disk instead of memory. */
const IN_MEMORY_BYTES = 32 * 1024 * 1024;
const CONVERTIBLE_BYTES = 128 * 1024 * 1024;

/** Attributes whose content git would change with a program or table that libgit2 does not have. */
const UNSUPPORTED_ATTRIBUTES = ['filter', 'working-tree-encoding'];

type Found = 'gone' | 'unreadable' | 'link' | 'file';

/**
 * Brings the changed paths of a workspace into its index, path by path. An agent may still be writing, and may put a link
 * where a folder was: each file is therefore opened first and only read once it is proven to lie in the workspace.
 */
export class Staging {
  private readonly root: string;
  private readonly scratch: string;

  constructor(
    private readonly repository: Repository,
    private readonly index: Index,
    path: string,
  ) {
    this.root = realpathSync.native(path);
    this.scratch = join(this.root, '.git', 'kosuke-staging');
  }

  /** Returns the paths that stay as they were: those nobody may read, and names git itself refuses (such as .GIT/x). */
  async stage(files: Changes['files']): Promise<string[]> {
    const found = files.map((file) => ({ ...file, at: this.look(file.path) }));
    await this.refuseUnsupported(found.filter(({ at }) => at === 'file').map(({ path }) => path));
    rmSync(this.scratch, { recursive: true, force: true });
    mkdirSync(this.scratch, { mode: 0o700 });
    try {
      // What is gone goes first: a file may stand where a folder was.
      for (const { path, isConflicted, at } of found) {
        if (at === 'gone' || (isConflicted && at !== 'unreadable')) await this.remove(path);
      }
      const refused: string[] = [];
      for (const { path, at } of found) {
        if (at === 'gone') continue;
        if (at === 'unreadable' || !(await this.add(path, at))) refused.push(path);
      }
      return refused;
    } finally {
      rmSync(this.scratch, { recursive: true, force: true });
    }
  }

  /** A path that leads through a link is gone for git: what is behind the link is not in the workspace. */
  private look(path: string): Found {
    try {
      const full = join(this.root, path);
      if (realpathSync.native(dirname(full)) !== dirname(full)) return 'gone';
      const stats = lstatSync(full);
      if (stats.isSymbolicLink()) return 'link';
      if (!stats.isFile()) return 'gone';
      accessSync(full, fsConstants.R_OK);
      return 'file';
    } catch (error) {
      if (isGone(error)) return 'gone';
      // libgit2 takes what lies in a closed folder for deleted.
      if (systemCode(error) === 'EACCES') return 'unreadable';
      throw error;
    }
  }

  private async refuseUnsupported(paths: string[]): Promise<void> {
    const refused: string[] = [];
    for (const path of paths) {
      for (const attribute of UNSUPPORTED_ATTRIBUTES) {
        const value = await nodegit.Attr.get(this.repository, ATTR_NO_SYSTEM, path, attribute);
        if (value && !value.startsWith('[internal]')) refused.push(`${path} (${attribute}=${value})`);
      }
    }
    if (refused.length === 0) return;
    const named = refused.slice(0, 5).join(', ');
    const more = refused.length > 5 ? ` and ${refused.length - 5} more` : '';
    throw new GitError(
      'filter-unsupported',
      `Nothing was committed: git would have to convert ${named}${more} with a filter such as Git LFS, which Kosuke does not run. Undo these changes, or take the attribute out of .gitattributes.`,
    );
  }

  private async remove(path: string): Promise<void> {
    try {
      await this.index.removeByPath(path);
    } catch (error) {
      if (libgit2Errno(error) !== -3) throw error;
    }
  }

  private async add(path: string, kind: 'file' | 'link'): Promise<boolean> {
    const { id, mode, stats } = kind === 'link' ? await this.storeLink(path) : await this.storeFile(path);
    try {
      await this.index.add({
        path,
        id: id.tostrS(),
        mode,
        fileSize: Number(stats.size & 0xffffffffn),
        dev: Number(stats.rdev & 0xffffffffn),
        ino: Number(stats.ino & 0xffffffffn),
        uid: Number(stats.uid),
        gid: Number(stats.gid),
        mtime: indexTime(stats.mtimeNs),
        ctime: indexTime(stats.ctimeNs),
        flags: 0,
        flagsExtended: 0,
      });
      return true;
    } catch (error) {
      if (libgit2Errno(error) === -1) return false;
      throw error;
    }
  }

  private async storeLink(path: string) {
    const full = join(this.root, path);
    const stats = lstatSync(full, { bigint: true, throwIfNoEntry: false });
    if (!stats?.isSymbolicLink()) throw changedMeanwhile();
    return { id: await this.storeBytes(readLink(full)), mode: MODE.LINK, stats };
  }

  private async storeFile(path: string) {
    const file = openInPlace(join(this.root, path));
    try {
      const stats = fstatSync(file, { bigint: true });
      if (!stats.isFile()) throw changedMeanwhile();
      const id = await this.storeContent(path, file, Number(stats.size));
      return { id, mode: (stats.mode & 0o100n) === 0n ? MODE.FILE : MODE.EXECUTABLE, stats };
    } finally {
      closeSync(file);
    }
  }

  private async storeContent(path: string, file: number, bytes: number): Promise<Oid> {
    const lineEndings = await nodegit.FilterList.load(this.repository, null, path, FILTER_TO_ODB, 0);
    if (!lineEndings) {
      if (bytes <= IN_MEMORY_BYTES) return await this.storeBytes(readFileSync(file));
      const copy = join(this.scratch, 'large');
      copyOpenFile(file, copy);
      return await nodegit.Blob.createFromDisk(this.repository, copy);
    }
    if (bytes > CONVERTIBLE_BYTES) {
      throw new GitError(
        'filter-unsupported',
        `Nothing was committed: "${path}" is too large to convert its line ends.`,
      );
    }
    // nodegit hands the result over as UTF-8 text, which would break other bytes. So each byte goes in as a character of
    // its own and comes back as one: what the filter looks for (line ends, $Id$) is ASCII and the same both ways.
    const copy = join(this.scratch, 'text');
    writeFileSync(copy, readFileSync(file, 'latin1'), 'utf8');
    return await this.storeBytes(Buffer.from(await lineEndings.applyToFile(this.repository, copy), 'latin1'));
  }

  private storeBytes(content: Buffer): Promise<Oid> {
    return nodegit.Blob.createFromBuffer(this.repository, content, content.length);
  }
}

/** Opens the file at this path, with no link on the way. A file that is just being replaced is tried again. */
function openInPlace(full: string): number {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const file = openWithoutFollowing(full);
    if (isAt(file, full)) return file;
    closeSync(file);
  }
  throw changedMeanwhile();
}

function openWithoutFollowing(full: string): number {
  try {
    // Not blocking: a pipe put here meanwhile would be waited for without end.
    return openSync(full, fsConstants.O_RDONLY | fsConstants.O_NOFOLLOW | fsConstants.O_NONBLOCK);
  } catch (error) {
    throw isGone(error) ? changedMeanwhile() : error;
  }
}

/**
 * Whether the open file is the one at this path, whatever folders and links were swapped before or since. Only the kernel's
 * own word is proof: asking for the path and the file one after the other leaves a gap that a quick swap fits into.
 */
function isAt(file: number, full: string): boolean {
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${file}`) === full;
  const opened = fstatSync(file, { bigint: true });
  const there = lstatSync(full, { bigint: true, throwIfNoEntry: false });
  return there?.ino === opened.ino && there.dev === opened.dev && realpathSync.native(full) === full;
}

function readLink(full: string): Buffer {
  try {
    const target = readlinkSync(full, { encoding: 'buffer' });
    if (realpathSync.native(dirname(full)) === dirname(full)) return target;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  throw changedMeanwhile();
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'].includes(systemCode(error) ?? '');
}

function changedMeanwhile(): GitError {
  return new GitError(
    'drifted',
    'Files of the workspace were replaced while they were committed. Nothing was committed.',
  );
}

function copyOpenFile(file: number, to: string): void {
  const copy = openSync(to, 'w', 0o600);
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  try {
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      for (let written = 0; written < length; ) written += writeSync(copy, chunk, written, length - written);
    }
  } finally {
    closeSync(copy);
  }
}

function indexTime(nanoseconds: bigint): { seconds: number; nanoseconds: number } {
  return { seconds: Number(nanoseconds / 1_000_000_000n), nanoseconds: Number(nanoseconds % 1_000_000_000n) };
}
