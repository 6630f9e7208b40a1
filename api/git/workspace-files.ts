import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants as fsConstants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { GitError } from './git-error.ts';
import { isGone, NotInPlace, openInPlace, readLinkInPlace } from './in-place.ts';
import { FILTER_TO_ODB, MODE, nodegit, type Oid, type Repository } from './nodegit.ts';
import { systemCode } from './object-files.ts';

/** Larger files go through a copy on disk instead of memory. */
const IN_MEMORY_BYTES = 32 * 1024 * 1024;
const CONVERTIBLE_BYTES = 128 * 1024 * 1024;

export type Found = 'gone' | 'unreadable' | 'link' | 'file';

export interface StoredFile {
  id: Oid;
  mode: number;
  stats: BigIntStats;
}

/** As git would store it, with line ends converted; or byte for byte as it lies there. */
export type StoredAs = 'git' | 'raw';

interface Places {
  /** Whose attributes say how line ends are stored. */
  workspace: Repository;
  /** The folder of the workspace, without a link in its path. */
  root: string;
  /** Whose object store gets the content. */
  store: Repository;
  /** A folder for files in between; there before anything is stored. */
  scratch: string;
  /** Default 'git'. */
  storedAs?: StoredAs;
}

/**
 * The files of a workspace as git would store them. An agent may still be writing, and may put a link where a folder was:
 * each file is therefore opened first and only read once it is proven to lie in the workspace.
 */
export class WorkspaceFiles {
  constructor(private readonly places: Places) {}

  /** A path that leads through a link is gone for git: what is behind the link is not in the workspace. */
  look(path: string): Found {
    try {
      const full = this.fullPath(path);
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

  /** Puts the target of a link into the object store. @throws NotInPlace */
  async storeLink(path: string): Promise<StoredFile> {
    const full = this.fullPath(path);
    const stats = lstatSync(full, { bigint: true, throwIfNoEntry: false });
    if (!stats?.isSymbolicLink()) throw new NotInPlace();
    return { id: await this.storeBytes(readLinkInPlace(full)), mode: MODE.LINK, stats };
  }

  /** Puts a file into the object store. @throws NotInPlace */
  async storeFile(path: string): Promise<StoredFile> {
    const file = openInPlace(this.fullPath(path));
    try {
      const stats = fstatSync(file, { bigint: true });
      if (!stats.isFile()) throw new NotInPlace();
      const id = await this.storeContent(path, file, Number(stats.size));
      return { id, mode: (stats.mode & 0o100n) === 0n ? MODE.FILE : MODE.EXECUTABLE, stats };
    } finally {
      closeSync(file);
    }
  }

  private async storeContent(path: string, file: number, bytes: number): Promise<Oid> {
    const { workspace, store, scratch, storedAs } = this.places;
    const lineEndings =
      storedAs === 'raw' ? null : await nodegit.FilterList.load(workspace, null, path, FILTER_TO_ODB, 0);
    if (!lineEndings) {
      if (bytes <= IN_MEMORY_BYTES) return await this.storeBytes(readFileSync(file));
      const copy = join(scratch, 'large');
      copyOpenFile(file, copy);
      return await nodegit.Blob.createFromDisk(store, copy);
    }
    if (bytes > CONVERTIBLE_BYTES) {
      throw new GitError(
        'filter-unsupported',
        `Nothing was committed: "${path}" is too large to convert its line ends.`,
      );
    }
    // nodegit hands the result over as UTF-8 text, which would break other bytes. So each byte goes in as a character of
    // its own and comes back as one: what the filter looks for (line ends, $Id$) is ASCII and the same both ways.
    const copy = join(scratch, 'text');
    writeFileSync(copy, readFileSync(file, 'latin1'), 'utf8');
    return await this.storeBytes(Buffer.from(await lineEndings.applyToFile(workspace, copy), 'latin1'));
  }

  private storeBytes(content: Buffer): Promise<Oid> {
    return nodegit.Blob.createFromBuffer(this.places.store, content, content.length);
  }

  private fullPath(path: string): string {
    return join(this.places.root, path);
  }
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
