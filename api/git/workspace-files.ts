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
import type { ScratchStore } from './scratch-store.ts';

/** Larger files go through a copy on disk instead of memory. */
const IN_MEMORY_BYTES = 32 * 1024 * 1024;
const CONVERTIBLE_BYTES = 128 * 1024 * 1024;

export type Found = 'gone' | 'unreadable' | 'link' | 'file';

export interface StoredFile {
  id: Oid;
  mode: number;
  stats: BigIntStats;
  /** False where it was larger than was asked for: then something of its own stands for its content. */
  isWhole: boolean;
}

/** As git would store it, with line ends converted; or byte for byte as it lies there. */
export type StoredAs = 'git' | 'raw';

/** Takes content in and gives its name in git. */
type ContentStore = (content: Buffer | { file: string }) => Promise<Oid>;

interface Places {
  /** Whose attributes say how line ends are stored. */
  workspace: Repository;
  /** The folder of the workspace, without a link in its path. */
  root: string;
  store: ContentStore;
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

  /** To be looked at: what is read of them goes into a store of its own. */
  static of(workspace: Repository, scratch: ScratchStore): WorkspaceFiles {
    const root = dirname(workspace.path());
    const store: ContentStore = async (content) =>
      scratch.put(Buffer.isBuffer(content) ? content : readFileSync(content.file));
    return new WorkspaceFiles({ workspace, root, store, scratch: scratch.folder });
  }

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
    return { id: await this.places.store(readLinkInPlace(full)), mode: MODE.LINK, stats, isWhole: true };
  }

  /** Puts a file into the object store. @throws NotInPlace */
  async storeFile(path: string, maxBytes = Number.POSITIVE_INFINITY): Promise<StoredFile> {
    const file = openInPlace(this.fullPath(path));
    try {
      const stats = fstatSync(file, { bigint: true });
      if (!stats.isFile()) throw new NotInPlace();
      const mode = (stats.mode & 0o100n) === 0n ? MODE.FILE : MODE.EXECUTABLE;
      const isWhole = stats.size <= maxBytes;
      const id = isWhole
        ? await this.storeContent(path, file, Number(stats.size))
        : await this.places.store(Buffer.from(`\0${path} ${stats.size} ${stats.mtimeNs}`));
      return { id, mode, stats, isWhole };
    } finally {
      closeSync(file);
    }
  }

  private async storeContent(path: string, file: number, bytes: number): Promise<Oid> {
    const { workspace, store, scratch, storedAs } = this.places;
    const lineEndings =
      storedAs === 'raw' ? null : await nodegit.FilterList.load(workspace, null, path, FILTER_TO_ODB, 0);
    if (!lineEndings) {
      if (bytes <= IN_MEMORY_BYTES) return await store(readFileSync(file));
      const copy = join(scratch, 'large');
      copyOpenFile(file, copy);
      return await store({ file: copy });
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
    return await store(Buffer.from(await lineEndings.applyToFile(workspace, copy), 'latin1'));
  }

  private fullPath(path: string): string {
    return join(this.places.root, path);
  }
}

/** The object store of a repository. */
export function blobsOf(repository: Repository): ContentStore {
  return (content) =>
    Buffer.isBuffer(content)
      ? nodegit.Blob.createFromBuffer(repository, content, content.length)
      : nodegit.Blob.createFromDisk(repository, content.file);
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
