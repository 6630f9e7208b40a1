import { createRequire } from 'node:module';

/**
 * The part of nodegit 0.28.0-alpha.36 that Kosuke uses, typed by what it was seen to do: the package has no types of
 * its own. Only programs that run in a git child process import this file, because it loads native code.
 */
interface NodeGit {
  Attr: { get(repository: Repository, flags: number, path: string, name: string): Promise<string | null> };
  Blob: {
    createFromBuffer(repository: Repository, content: Buffer, length: number): Promise<Oid>;
    createFromDisk(repository: Repository, path: string): Promise<Oid>;
    lookup(repository: Repository, id: Oid | string): Promise<Blob>;
  };
  Checkout: {
    head(repository: Repository, options: CheckoutOptions): Promise<void>;
    tree(repository: Repository, tree: Tree, options: CheckoutOptions): Promise<void>;
  };
  Commit: {
    create(
      repository: Repository,
      updateRef: string | null,
      author: Signature,
      committer: Signature,
      encoding: string | null,
      message: string,
      tree: Tree,
      parentCount: number,
      parents: Commit[],
    ): Promise<Oid>;
    lookup(repository: Repository, id: Oid): Promise<Commit>;
  };
  Diff: {
    treeToIndex(repository: Repository, from: Tree | null, to: Index, options: DiffOptions): Promise<Diff>;
    treeToTree(repository: Repository, from: Tree | null, to: Tree | null, options: DiffOptions): Promise<Diff>;
  };
  Graph: {
    aheadBehind(repository: Repository, local: Oid, upstream: Oid): Promise<{ ahead: number; behind: number }>;
    /** 1 or 0; a commit is not its own descendant. */
    descendantOf(repository: Repository, commit: Oid, ancestor: Oid): Promise<0 | 1>;
    /** 1 when the commit is one of the others or an ancestor of one. The others have to be in the repository. */
    reachableFromAny(repository: Repository, commit: Oid, others: Oid[], count: number): Promise<0 | 1>;
  };
  Index: { open(path: string): Promise<Index> };
  IndexConflictIterator: { create(index: Index): Promise<IndexConflictIterator> };
  Ignore: { pathIsIgnored(repository: Repository, path: string): Promise<number> };
  Libgit2: {
    opts(option: number, value: number): Promise<void>;
    OPT: { SET_OWNER_VALIDATION: number; ENABLE_STRICT_HASH_VERIFICATION: number };
  };
  Merge: {
    base(repository: Repository, one: Oid, other: Oid): Promise<Oid>;
    /** In memory; nothing is written but merged contents, as loose objects. */
    commits(repository: Repository, ours: Commit, theirs: Commit, options?: MergeOptions): Promise<Index>;
    trees(repository: Repository, ancestor: Tree, ours: Tree, theirs: Tree, options: MergeOptions): Promise<Index>;
  };
  FilterList: {
    load(repository: Repository, blob: null, path: string, mode: number, flags: number): Promise<FilterList | null>;
  };
  Odb: { open(objects: string): Promise<Odb> };
  Oid: { fromString(sha: string): Oid };
  Reference: {
    create(repository: Repository, name: string, id: Oid, force: number, logMessage: string): Promise<Reference>;
    list(repository: Repository): Promise<string[]>;
    lookup(repository: Repository, name: string): Promise<Reference>;
    nameToId(repository: Repository, name: string): Promise<Oid>;
    /** Does nothing when it is not there. */
    remove(repository: Repository, name: string): Promise<number>;
    symbolicCreate(
      repository: Repository,
      name: string,
      target: string,
      force: number,
      logMessage: string,
    ): Promise<Reference>;
  };
  Remote: { createAnonymous(repository: Repository, url: string): Promise<Remote> };
  Repository: {
    init(path: string, isBare: number): Promise<Repository>;
    openExt(path: string, flags: number, ceilingDirectories: string): Promise<Repository>;
    /** A repository that is nothing but an object store: no refs, no settings, no index, no folder. */
    wrapOdb(objects: Odb): Promise<Repository>;
  };
  Revwalk: { create(repository: Repository): Revwalk };
  Signature: { create(name: string, email: string, seconds: number, offsetMinutes: number): Signature };
  Status: { byIndex(list: StatusList, index: number): StatusEntry };
  StatusList: { create(repository: Repository, options: { flags: number }): Promise<StatusList> };
  Tree: { lookup(repository: Repository, id: Oid): Promise<Tree> };
  Treebuilder: { create(repository: Repository, source: Tree | null): Promise<Treebuilder> };
}

export interface Oid {
  tostrS(): string;
}

export interface Repository {
  path(): string;
  workdir(): string | null;
  commondir(): string;
  index(): Promise<Index>;
  odb(): Promise<Odb>;
  cleanup(): void;
  /** Ends a merge, rebase or revert that was under way. */
  stateCleanup(): number;
}

export interface Odb {
  addDiskAlternate(objects: string): Promise<void>;
  existsExt(id: Oid, flags: number): number;
}

export interface Index {
  entryCount(): number;
  hasConflicts(): number;
  add(entry: IndexEntry): Promise<void>;
  clear(): Promise<void>;
  conflictCleanup(): Promise<void>;
  conflictRemove(path: string): Promise<void>;
  /** The place of the first entry that begins so; fails with -3 when none does. */
  findPrefix(prefix: string): Promise<number>;
  getByIndex(place: number): ReadIndexEntry;
  /** Of those without a conflict; asked for another stage it finds nothing. */
  getByPath(path: string, stage: 0): ReadIndexEntry | undefined;
  /** Entries whose id stays keep what they remember of the file. */
  readTree(tree: Tree): Promise<void>;
  remove(path: string, stage: number): Promise<void>;
  removeByPath(path: string): Promise<void>;
  write(): Promise<void>;
  writeTree(): Promise<Oid>;
  writeTreeTo(repository: Repository): Promise<Oid>;
}

export interface IndexConflictIterator {
  /** At the end, and ever after, all three are null. */
  next(): Record<'ancestor_out' | 'our_out' | 'their_out', ReadIndexEntry | null>;
}

/** What an index gives back. The stage is in bits 12 and 13 of the flags: 0 when there is no conflict. */
export interface ReadIndexEntry {
  path: string;
  id: Oid;
  mode: number;
  flags: number;
}

export interface MergeOptions {
  flags: number;
  fileFlags?: number;
}

export interface Revwalk {
  push(id: Oid): void;
  hide(id: Oid): void;
  sorting(order: number): void;
  /** Fails with -31 behind the last one. */
  next(): Promise<Oid>;
}

export interface Treebuilder {
  write(): Promise<Oid>;
}

/** Every field is given: those left out would hold whatever was in memory. */
export interface IndexEntry {
  path: string;
  id: string;
  mode: number;
  fileSize: number;
  dev: number;
  ino: number;
  uid: number;
  gid: number;
  mtime: { seconds: number; nanoseconds: number };
  ctime: { seconds: number; nanoseconds: number };
  flags: number;
  flagsExtended: number;
}

export interface Blob {
  content(): Buffer;
  rawsize(): number;
  /** 1 when a zero byte is near its beginning. */
  isBinary(): 0 | 1;
}

export interface Tree {
  id(): Oid;
  entries(): TreeEntry[];
  /** -3 when there is nothing. What it gives has no `path()`. */
  entryByPath(path: string): Promise<TreeEntry>;
}

export interface TreeEntry {
  oid(): string;
  id(): Oid;
  filemode(): number;
  name(): string;
}

export interface Commit {
  id(): Oid;
  treeId(): Oid;
  author(): Signature;
  message(): string;
  messageRaw(): string;
  summary(): string;
  parentcount(): number;
  parentId(index: number): Oid;
}

export interface Reference {
  target(): Oid | undefined;
  symbolicTarget(): string | undefined;
  resolve(): Promise<Reference>;
}

export interface Signature {
  name(): string;
}

export interface FilterList {
  applyToFile(repository: Repository, path: string): Promise<string>;
}

export interface StatusList {
  entrycount(): number;
}

export interface StatusEntry {
  status(): number;
  headToIndex(): DiffDelta | null;
  indexToWorkdir(): DiffDelta | null;
}

export interface DiffDelta {
  oldFile(): DiffFile;
  newFile(): DiffFile;
  status(): number;
}

export interface DiffFile {
  path(): string;
  mode(): number;
  flags(): number;
  id(): Oid;
  size(): number;
}

export interface Diff {
  findSimilar(options: { flags: number; renameLimit: number }): Promise<void>;
  numDeltas(): number;
  getDelta(index: number): DiffDelta;
  patches(indexes: number[]): Promise<Patch[]>;
}

export interface Patch {
  lineStats(): { total_additions: number; total_deletions: number };
  /** Sizes are known here, other than in the delta; that of the new side not where the type changed. */
  newFile(): DiffFile;
  oldFile(): DiffFile;
  hunks(): Promise<Hunk[]>;
}

export interface Hunk {
  header(): string;
  oldStart(): number;
  oldLines(): number;
  newStart(): number;
  newLines(): number;
  lines(): Promise<DiffLine[]>;
}

export interface DiffLine {
  /** A character: ' ', '+', '-', or what says that the last line has no end. */
  origin(): number;
  /** -1 where the line is not on that side. */
  oldLineno(): number;
  newLineno(): number;
}

export interface DiffOptions {
  flags: number;
  contextLines: number;
  /** Larger files are taken for binary without being read. */
  maxSize?: number;
  pathspec?: string[];
}

export interface CheckoutOptions {
  checkoutStrategy: number;
  disableFilters?: number;
  paths?: string[];
  progressCb?: ThrottledCallback<[path: string | null, done: number, total: number]>;
}

export interface TransferProgress {
  totalObjects(): number;
  receivedObjects(): number;
  indexedObjects(): number;
}

/** `throttle` is in milliseconds; `waitForResult: false` keeps the native thread from waiting for JavaScript. */
export interface ThrottledCallback<Arguments extends unknown[]> {
  throttle: number;
  waitForResult: false;
  callback(...args: Arguments): void;
}

export interface FetchOptions {
  downloadTags: number;
  prune: number;
  callbacks: {
    transferProgress: ThrottledCallback<[progress: TransferProgress]>;
  };
}

export interface Remote {
  fetch(refspecs: string[], options: FetchOptions, logMessage: string): Promise<void>;
  defaultBranch(): Promise<string>;
}

const require = createRequire(import.meta.url);

export const nodegit = require('nodegit') as NodeGit;

/** The numbers of libgit2's headers. */
export const ATTR_NO_SYSTEM = 4;
export const CHECKOUT_FORCE = 2;
/** Paths are names then, not patterns. */
export const CHECKOUT_DISABLE_PATHSPEC_MATCH = 8192;
export const DELTA = { ADDED: 1, DELETED: 2, MODIFIED: 3, RENAMED: 4, TYPE_CHANGED: 8 };
export const DIFF_INCLUDE_TYPECHANGE = 64;
export const DIFF_REVERSE = 1;
/** Paths given are names, not patterns; a folder's name stands for all in it. */
export const DIFF_DISABLE_PATHSPEC_MATCH = 1 << 12;
export const DIFF_FILE_BINARY = 1;
export const DIFF_FIND_RENAMES = 1;
export const FILTER_TO_WORKTREE = 0;
export const FETCH_NO_PRUNE = 2;
export const FILTER_TO_ODB = 1;
/** Parts in conflict go into the merged file between markers; it is no conflict then. */
export const MERGE_FILE_ACCEPT_CONFLICTS = 512;
export const MERGE_FIND_RENAMES = 1;
export const MODE = {
  TYPE: 0o170000,
  TREE: 0o040000,
  FILE: 0o100644,
  EXECUTABLE: 0o100755,
  LINK: 0o120000,
  GITLINK: 0o160000,
};
export const ODB_NO_REFRESH = 1;
export const OPEN_NO_SEARCH = 1;
export const STATUS = {
  INDEX_NEW: 1,
  INDEX_DELETED: 4,
  INDEX_TYPECHANGE: 16,
  WT_NEW: 128,
  WT_DELETED: 512,
  WT_TYPECHANGE: 1024,
};
/** Parents before their children. */
export const SORT_OLDEST_FIRST = 1 | 4;
export const STATUS_CONFLICTED = 1 << 15;
export const STATUS_OPTION = { INCLUDE_UNTRACKED: 1, RECURSE_UNTRACKED_DIRS: 16 };

/** The mode git writes for what an older program may have written otherwise (100664): for git both are the same. */
export function plainMode(mode: number): number {
  if ((mode & MODE.TYPE) !== 0o100000) return mode;
  return (mode & 0o100) === 0 ? MODE.FILE : MODE.EXECUTABLE;
}
