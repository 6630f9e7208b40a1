import type { FileChange } from './file-change.ts';

export interface BaseUpdateInput {
  path: string;
  basePath: string;
  branch: string;
  baseBranch: string;
  /** The newest commit of the session's branch; null while it has none. */
  tip: string | null;
  strategy: 'merge' | 'rebase';
  /** What was decided about conflicts before; counts where the three sides are still the same. */
  decisions: MergeDecision[];
  edits: MergeEdit[];
  /** Of the merge commit; commits that are rebased keep theirs. */
  author: { name: string; email: string };
  /** When, in milliseconds: given, so that doing it again makes the same commits. */
  at: number;
}

export type BaseUpdateOutcome =
  | { kind: 'up-to-date'; baseSha: string }
  | ({ kind: 'done'; baseSha: string } & ComputedUpdate)
  | ({ kind: 'conflicts'; baseSha: string } & ConflictedUpdate);

export interface ComputedUpdate {
  /** Where the session's branch is to go. */
  sha: string;
  title: string;
  isFastForward: boolean;
  /** Commits that a rebase left out because they change nothing any more. */
  dropped: number;
  /** Commits of the base that come with it. */
  taken: number;
  /** How many files become others in the workspace. */
  changed: number;
  /** They, unless there are more than a thousand. */
  files: FileChange[];
}

export interface ConflictedUpdate {
  /** Where it stopped: a commit that is rebased, or the merge itself. */
  step: string;
  commit: ConflictedCommit | null;
  /** Those that nothing was decided about. */
  conflicts: MergeConflict[];
  decided: MergeConflict[];
  /** A commit for restoreSnapshot: the files with markers in them. */
  marked: string;
}

/** The commit whose rebase stopped at conflicts. */
export interface ConflictedCommit {
  sha: string;
  title: string;
  /** Its place among those that are moved, from 1. */
  number: number;
  count: number;
}

export type ConflictKind =
  | 'content'
  | 'added-by-both'
  | 'deleted-by-ours'
  | 'deleted-by-theirs'
  | 'renamed'
  | 'type'
  | 'folder'
  | 'submodule';

/** One version of a file: the id of its content and its mode. */
export interface MergeSide {
  sha: string;
  mode: number;
}

export interface MergeConflict {
  path: string;
  kind: ConflictKind;
  isBinary: boolean;
  ancestor: MergeSide | null;
  /** The session's, also in a rebase. */
  ours: MergeSide | null;
  /** The base's. */
  theirs: MergeSide | null;
  /** The content with markers in it, where both sides are text. */
  marked: string | null;
}

export interface MergeDecision extends Pick<MergeConflict, 'path' | 'ancestor' | 'ours' | 'theirs'> {
  /** What the file is to be; null when it is to go. */
  result: MergeSide | { text: string; mode: number } | null;
}

/** A file without a conflict that was changed while conflicts were resolved. */
export interface MergeEdit {
  path: string;
  from: MergeSide | null;
  to: MergeSide | null;
  /** Where the update had stopped then. */
  step: string;
}

export interface CarryOverInput {
  basePath: string;
  snapshot: string;
  /** The commit the snapshot was made on. */
  from: string | null;
  to: string;
}

export type CarryOverOutcome = { kind: 'carried'; sha: string } | { kind: 'conflicts'; paths: string[] };

export interface AgentResolutionsInput {
  basePath: string;
  branch: string;
  baseBranch: string;
  /** What was laid in the workspace. */
  marked: string;
  /** A snapshot of what lies there now. */
  found: string;
  conflicts: MergeConflict[];
  step: string;
}

export interface AgentResolutions {
  decisions: MergeDecision[];
  edits: MergeEdit[];
}

/** A submodule as a commit names it. What .gitmodules says is untrusted. */
export interface NamedSubmodule {
  path: string;
  url: string | null;
  /** The commit that is pinned. */
  sha: string;
  isCheckedOut: boolean;
}

export interface PlaceSubmoduleInput {
  /** The bare repository of the submodule. */
  modulePath: string;
  sha: string;
  /** The workspace. */
  path: string;
  /** Where in it. */
  folder: string;
}

export type PlacedSubmodule =
  /** What was in the way has other names now. */
  | { kind: 'placed'; keptPaths: string[] }
  /** The repository does not have that commit. */
  | { kind: 'no-commit' };

export interface BlobText {
  /** Null when it is no text. */
  text: string | null;
  bytes: number;
  isTruncated: boolean;
}
