import type { FileChange } from './file-change.ts';

/** So many files a difference names, and entries a folder; what is more is counted. */
export const MAX_LISTED = 3_000;

/** Larger files are not compared line by line. */
export const COMPARABLE_BYTES = 4 * 1024 * 1024;

/** Where the two repositories of a session are, and what is the session's in them. */
export interface SessionPlaces {
  basePath: string;
  /** The workspace; it need not be there. */
  path: string;
  branch: string;
  baseBranch: string;
  /** Refs of the base that begin so keep work of the session, too. */
  rescuePrefix: string;
  /** Those of them that hold the files of a workspace that was freed; the last one by its name is the newest. */
  freedPrefix: string;
}

/** A state of the files, as it is asked for. */
export type AskedState =
  /** The workspace as it is now. Where it is not there, as it was when it was freed, or else the newest commit. */
  | { kind: 'now' }
  /** Where the branch of the session left its base branch. */
  | { kind: 'base' }
  /** A commit. Known ones were written down by the session itself; others are taken only when it leads to them. */
  | { kind: 'commit'; sha: string; isKnown: boolean }
  /** None at all. */
  | { kind: 'empty' }
  /** What a known commit was made from. */
  | { kind: 'before'; sha: string };

/** A state of the files that is there. */
export type FilesState = { kind: 'workspace' } | { kind: 'commit'; sha: string } | { kind: 'empty' };

/** What was asked for is not there, and which part of it. */
export interface Missing {
  missing: 'repository' | 'files' | 'commit' | 'base-branch' | 'path' | 'behind-link' | 'not-a-folder' | 'not-a-file';
}

export interface DiffFilesInput {
  session: SessionPlaces;
  from: AskedState;
  to: AskedState;
}

export interface DiffFileInput extends DiffFilesInput {
  path: string;
  /** Where it was renamed: its path before. */
  oldPath: string | null;
  contextLines: number;
}

export interface PathInput {
  session: SessionPlaces;
  at: AskedState;
  /** Relative to the repository; empty for its root. */
  path: string;
}

export type FileMode = 'file' | 'executable' | 'link' | 'submodule';

/** One side of a file that differs. */
export interface FileSide {
  mode: FileMode;
  /** Null of submodules, and where nobody looked. */
  bytes: number | null;
}

export interface FileDifference extends FileChange {
  /** Null where it was not there. */
  before: FileSide | null;
  /** Null where it is gone. */
  after: FileSide | null;
  /** By its name: something a browser shows as a picture. */
  isImage: boolean;
  /** Its lines were not counted, because it is too large or there is too much of it all. */
  isUncounted: boolean;
}

export interface Difference {
  from: FilesState;
  to: FilesState;
  /** By path; at most MAX_LISTED. */
  files: FileDifference[];
  totalFiles: number;
  /** What is changed in the workspace but no commit would hold: nested repositories, names that are not UTF-8. */
  skippedPaths: string[];
}

export type LineKind = 'context' | 'added' | 'removed';
export type LineEnd = 'lf' | 'crlf' | 'none';

export interface FileLine {
  kind: LineKind;
  oldNumber: number | null;
  newNumber: number | null;
  /** Without its end. */
  text: string;
  end: LineEnd;
  isCut: boolean;
}

export interface FileHunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  /** What stands behind the numbers in git's own header: the function or heading it is in. */
  heading: string;
  lines: FileLine[];
}

export interface FileLines {
  from: FilesState;
  to: FilesState;
  file: FileDifference;
  hunks: FileHunk[];
  /** Whether there is more than is shown. */
  isCut: boolean;
}

export type EntryKind = 'file' | 'folder' | 'link' | 'submodule' | 'other';
export type EntryStatus = 'tracked' | 'untracked' | 'ignored';

export interface FolderEntry {
  name: string;
  path: string;
  kind: EntryKind;
  /** Of files. */
  bytes: number | null;
  isExecutable: boolean;
  linkTarget: string | null;
  status: EntryStatus;
}

export interface FolderListing {
  at: FilesState;
  path: string;
  /** Folders first, then by name; at most MAX_LISTED. */
  entries: FolderEntry[];
  total: number;
}

export interface FileContent {
  at: FilesState;
  path: string;
  mode: FileMode;
  bytes: number;
  /** git's name for these bytes: another one when they change. Null where the file is too large to be read whole. */
  blobSha: string | null;
  linkTarget: string | null;
  isBinary: boolean;
  /** Of text files; the beginning where it is cut. */
  text: string | null;
  /** How the text is stored: utf-8, utf-16le, utf-16be, or windows-1252 for what is neither. */
  encoding: string | null;
  lineEnds: 'none' | 'lf' | 'crlf' | 'mixed' | null;
  /** Known from the content: image/png. */
  mediaType: string | null;
  /** Of pictures that are not too large. */
  base64: string | null;
  isCut: boolean;
}
