import type { FileChange, FileChangeKind } from './file-change.ts';
import type {
  Difference,
  DiffFileInput,
  DiffFilesInput,
  FileContent,
  FileLines,
  FolderListing,
  Missing,
  PathInput,
} from './reads.ts';
import type {
  AgentResolutions,
  AgentResolutionsInput,
  BaseUpdateInput,
  BaseUpdateOutcome,
  BlobText,
  CarryOverInput,
  CarryOverOutcome,
  NamedSubmodule,
  PlacedSubmodule,
  PlaceSubmoduleInput,
} from './updates.ts';

export type { FileChange, FileChangeKind };

/**
 * The one door to the git library. Everything behind it runs in child processes, so a slow or crashing operation never
 * touches the event loop of the api. Paths are absolute and on this machine.
 */
export interface Git {
  /** Makes a bare repository at `path` from a source. Fails whole: `path` is there complete or not at all. */
  cloneBase(input: CloneBaseInput, options?: OperationOptions): Promise<BaseRepository>;
  /** Makes the branches of a base repository those of its source again; sessions' branches stay as they are. */
  fetchBase(input: FetchBaseInput, options?: OperationOptions): Promise<FetchedBase>;
  /** Makes a bare repository at `path` whose first commit holds `files` (none: the repository has no commit yet). */
  initBase(input: InitBaseInput, options?: OperationOptions): Promise<BaseRepository>;
  /** What of a branch of a base repository is not done as git would do it. */
  repositoryTraits(input: { path: string; branch: string }, options?: OperationOptions): Promise<RepositoryTraits>;
  /** The local branches of a repository (bare or not), by name. */
  branches(path: string, options?: OperationOptions): Promise<GitBranch[]>;
  /** A full clone at `path`: its own .git, objects hard-linked from the base, HEAD on the new `branch` cut from `baseBranch`. */
  createWorkspace(input: CreateWorkspaceInput, options?: OperationOptions): Promise<WorkspaceHead>;
  /** A workspace on no branch at `path`, for a session to come. Null while the branch has no commit. */
  makeSpare(input: MakeSpareInput, options?: OperationOptions): Promise<Spare | null>;
  /** Brings a spare to where its branch is now, and moves it to `path`. Null and failure mean what they mean for handOver. */
  updateSpare(input: UpdateSpareInput, options?: OperationOptions): Promise<Spare | null>;
  /**
   * Makes a spare what createWorkspace would make, and moves it to `path` as the last step. Null when this one cannot become
   * it. The spare is the caller's to clear away when this gives null or fails.
   */
  handOver(input: HandOverInput, options?: OperationOptions): Promise<WorkspaceHead | null>;
  /** The workspace's HEAD and what is not committed yet. */
  status(path: string, options?: OperationOptions): Promise<WorkspaceState>;
  /** Where a session's workspace stands: HEAD, the tip of its branch, what is not committed yet. */
  branchState(input: BranchStateInput, options?: OperationOptions): Promise<BranchState>;
  /**
   * How a session's branch stands to its base branch and to where it was pushed, found out in the base repository. Null when
   * nothing but the branch could have moved since `known`, and did not.
   */
  compareBranches(input: CompareBranchesInput, options?: OperationOptions): Promise<BranchComparison | null>;
  /** The bytes that come free when this folder is removed: what it shares with others by hard links does not count. */
  diskUse(path: string, options?: OperationOptions): Promise<number>;
  /**
   * Puts HEAD back on `branch`; files and index stay as they are. Commits that only HEAD led to are kept in the base as
   * `<rescuePrefix>drift-<sha>`; a branch that was deleted comes back from there.
   */
  repairHead(input: RepairHeadInput, options?: OperationOptions): Promise<RepairedHead>;
  /**
   * Commits everything that changed, as one commit on `branch`, and copies the branch into the base repository.
   * Null when nothing changed. Throws GitError 'drifted' when HEAD is not `branch`; then nothing is committed.
   */
  commitAll(input: CommitInput, options?: OperationOptions): Promise<Commit | null>;
  /**
   * Makes a commit of everything as it lies in the workspace now (not committed, untracked, but not ignored) and lets
   * `ref` of the base point to it. Branch, HEAD, index and files of the workspace stay as they are. Nothing is refused:
   * files are kept byte for byte, and what cannot be read is named. Where `ref` is there already, it is told again.
   */
  snapshot(input: SnapshotInput, options?: OperationOptions): Promise<Snapshot>;
  /**
   * HEAD on `branch`, the branch at `sha` here and in the base, and the files as in that commit. Only what differs from
   * `saved` is touched; what is not in it (ignored files, nested repositories) stays, or is given another name where it is
   * in the way. Never leads through a link. Called again after it was stopped anywhere, it completes.
   */
  resetWorkspace(input: ResetInput, options?: OperationOptions): Promise<ResetResult>;
  /** As resetWorkspace, to the state a snapshot holds: the branch where it was, and what was not committed as not committed. */
  restoreSnapshot(input: RestoreSnapshotInput, options?: OperationOptions): Promise<ResetResult>;
  /**
   * A commit on `branch` that undoes another one of it, here and in the base, and its files in the work tree. Nothing is
   * changed when later commits, or files that are not committed, stand in the way. Called again with the same
   * `operation` after it was stopped, it completes.
   */
  revertCommit(input: RevertInput, options?: OperationOptions): Promise<Reverted>;
  /**
   * A branch of the base at this commit, which may come from the workspace `from`. One that is there already stays as it is.
   */
  createBranch(input: CreateBranchInput, options?: OperationOptions): Promise<void>;
  /** The refs below a prefix such as refs/kosuke/rescue/{session id}, by name. */
  listRefs(input: { path: string; prefix: string }, options?: OperationOptions): Promise<GitRef[]>;
  /** Lets go of every ref below a prefix; of what only they held, git clears up later. */
  deleteRefs(input: { path: string; prefix: string }, options?: OperationOptions): Promise<void>;
  /** Which files of a session differ between two states, with their changed lines counted. Reads change nothing, not even the index. */
  diffFiles(input: DiffFilesInput, options?: OperationOptions): Promise<Difference | Missing>;
  /** The lines of one file that differ. */
  diffFile(input: DiffFileInput, options?: OperationOptions): Promise<FileLines | Missing>;
  /** What lies in a folder of a session. */
  listFolder(input: PathInput, options?: OperationOptions): Promise<FolderListing | Missing>;
  readFile(input: PathInput, options?: OperationOptions): Promise<FileContent | Missing>;
  /** Works out what merging the base into a session's branch, or rebasing it, comes to. Moves no branch and no file. */
  computeBaseUpdate(input: BaseUpdateInput, options?: OperationOptions): Promise<BaseUpdateOutcome>;
  /** Puts what a snapshot holds besides its commit on top of another one, as a commit for restoreSnapshot. */
  carryOver(input: CarryOverInput, options?: OperationOptions): Promise<CarryOverOutcome>;
  /** What an agent made of the files in conflict that were laid in a workspace. */
  agentResolutions(input: AgentResolutionsInput, options?: OperationOptions): Promise<AgentResolutions>;
  /** The submodules that a commit names and pins, and which of them are in the workspace at `path`. */
  submodules(
    input: { basePath: string; sha: string; path: string },
    options?: OperationOptions,
  ): Promise<NamedSubmodule[]>;
  /** Puts the files of a submodule into its folder of a workspace. Overwrites nothing. */
  placeSubmodule(input: PlaceSubmoduleInput, options?: OperationOptions): Promise<PlacedSubmodule>;
  /** The text of a file of the repository at `path`, by the id of its content. */
  blobText(input: { path: string; sha: string; maxBytes: number }, options?: OperationOptions): Promise<BlobText>;
  /** Resolves when no operation waits for others to end, which may be at once. */
  whenQuiet(): Promise<void>;
  /** What a branch of a repository holds under some paths, and the text of those files that are not longer than `maxBytes`. */
  branchFiles(input: BranchFilesInput, options?: OperationOptions): Promise<BranchFile[]>;
  /**
   * Copies the branch of a workspace, with its commits, into the base; null when it has no commit yet. With `othersUnder`,
   * commits of other branches in the workspace that the base lacks go there, too, as refs below it.
   */
  publishBranch(input: PublishBranchInput, options?: OperationOptions): Promise<string | null>;
  /** Takes a branch out of a base repository; one that is not there is fine. */
  deleteBranch(input: { path: string; branch: string }, options?: OperationOptions): Promise<void>;
  /**
   * What lies in a workspace and not in a commit of the base: ignored files, nested repositories, empty folders; and
   * .git/info/exclude, which says what is ignored in this workspace alone.
   */
  leftovers(input: LeftoversInput, options?: OperationOptions): Promise<Leftovers>;
  /** Ends the child processes. Operations under way fail with 'aborted'. */
  close(): Promise<void>;
}

export interface OperationOptions {
  signal?: AbortSignal;
  /** Default 120 s; clones 30 min. */
  deadlineMs?: number;
  /** Called at most ten times a second. */
  onProgress?: (progress: GitProgress) => void;
}

export interface GitProgress {
  /** What is being done, for a person: "Receiving objects". */
  phase: string;
  /** 0..1 when known. */
  fraction?: number;
}

export type BaseSource = PathSource | { kind: 'url'; url: string };

export interface PathSource {
  kind: 'path';
  path: string;
  /** Nothing of the source may lie in this folder, wherever its links and alternates lead: other people's projects do. */
  keepOutOf?: string;
}

export interface BranchFilesInput {
  path: string;
  branch: string;
  /** Paths in the tree of the branch. */
  files: string[];
  /** 0 reads no text at all. */
  maxBytes: number;
}

export interface BranchFile {
  path: string;
  /** Null when the branch has nothing there, or is not there itself. */
  kind: 'file' | 'folder' | 'link' | 'submodule' | null;
  text: string | null;
}

export interface CloneBaseInput {
  source: BaseSource;
  path: string;
}

export interface FetchBaseInput {
  source: BaseSource;
  path: string;
  /** Branches that begin so are never touched. */
  keptPrefix: string;
}

export interface FetchedBase {
  /** Branches that are not where they were, by name. */
  branches: BranchMove[];
  /** The branch the source's HEAD is on. */
  sourceDefaultBranch: string;
  /** The branch the base's HEAD is on now: the one it was on, while that is there. */
  headBranch: string;
}

export interface BranchMove {
  name: string;
  kind: 'created' | 'advanced' | 'rewritten' | 'deleted';
  oldSha: string | null;
  newSha: string | null;
}

export interface InitBaseInput {
  path: string;
  defaultBranch: string;
  files: { path: string; content: string }[];
  author: Signature;
  message: string;
}

export interface BaseRepository {
  /** The branch HEAD points at, even when it has no commit yet. */
  defaultBranch: string;
  headSha: string | null;
}

export interface RepositoryTraits {
  /** Filters that attributes name: `lfs`. The first by name. */
  filters: string[];
  /** Encodings of work trees that attributes name. The first by name. */
  encodings: string[];
  /** Paths of submodules; the first by name. */
  submodules: string[];
  submoduleCount: number;
  /** Whether older commits are left out. */
  isShallow: boolean;
}

export interface GitBranch {
  name: string;
  commitSha: string;
}

export interface CreateWorkspaceInput {
  basePath: string;
  path: string;
  branch: string;
  baseBranch: string;
  /** Branches of the base that begin so are not shown in the workspace: the work of other sessions. */
  hiddenBranchPrefix?: string;
}

export type MakeSpareInput = Omit<CreateWorkspaceInput, 'branch'>;

export interface Spare {
  /** The commit its files are of. */
  headSha: string;
  /** What comes free when it is removed. */
  bytes: number;
}

export interface UpdateSpareInput extends MakeSpareInput {
  sparePath: string;
}

export interface HandOverInput extends CreateWorkspaceInput {
  /** Where the spare is, on the same file system as `path`, and nobody else's from now on. */
  sparePath: string;
}

export interface WorkspaceHead {
  /** Null in a repository without commits. */
  headSha: string | null;
}

export interface WorkspaceState extends WorkspaceHead {
  /** Null when HEAD is detached. */
  branch: string | null;
  changedPaths: string[];
}

export interface BranchStateInput {
  path: string;
  basePath: string;
  branch: string;
  /** So many changed files are named; the rest is counted. */
  maxFiles: number;
}

export interface BranchState extends WorkspaceHead {
  /** Null when HEAD is detached. */
  currentBranch: string | null;
  /** The newest commit of the session's branch; null when it has none. */
  branchSha: string | null;
  changedFiles: { path: string; kind: FileChangeKind }[];
  changedFileCount: number;
}

export interface CompareBranchesInput {
  basePath: string;
  branch: string;
  branchSha: string | null;
  baseBranch: string;
  /** So many paths in conflict are named; the rest is counted. */
  maxConflicts: number;
  /** What an earlier comparison of the same `branchSha` found. */
  known: { baseSha: string | null; remoteSha: string | null } | null;
}

export interface BranchComparison extends AheadBehind {
  /** Null when the base branch is not there, or has no commit yet. */
  baseSha: string | null;
  /** The newest commit both have; null when there is none. */
  mergeBaseSha: string | null;
  /** The branch as it was last pushed; null when it never was. */
  remote: (AheadBehind & { sha: string }) | null;
  /** What a merge of the two would leave to a person. */
  conflictPaths: string[];
  conflictCount: number;
}

export interface AheadBehind {
  ahead: number;
  behind: number;
}

export interface RepairHeadInput {
  path: string;
  basePath: string;
  branch: string;
  /** What it was cut from. */
  baseBranch: string;
  /** `refs/kosuke/rescue/{session}/` */
  rescuePrefix: string;
}

export interface RepairedHead {
  /** The commit that was kept; null when there was nothing to keep. */
  rescuedSha: string | null;
}

export interface PublishBranchInput {
  path: string;
  basePath: string;
  branch: string;
  /** `refs/kosuke/rescue/{session}/workspace` */
  othersUnder?: string;
}

export interface LeftoversInput {
  path: string;
  basePath: string;
  /** The commit that holds the rest; null for none. */
  commit: string | null;
  /** Paths that this commit holds as they were before, because they could not be read. */
  skippedPaths: string[];
  /** Names of folders that are made again by set-up or a build; what is in them, and not in the commit, is only named. */
  rebuiltFolders: string[];
  /** So many are listed at most. */
  maxEntries: number;
}

/** The path is text of one character a byte (latin1), because a name may be no text. */
export interface Leftover {
  path: string;
  kind: 'file' | 'link' | 'folder';
  /** Of folders: who may do what in it. */
  mode?: number;
}

export interface Leftovers {
  /** Folders come before what is in them. */
  entries: Leftover[];
  bytes: number;
  /** There are more than are listed. */
  isCut: boolean;
  /** The largest files and folders of them, for people. */
  largest: { path: string; bytes: number }[];
  /** What lies in folders that are made again, for people. */
  leftOut: string[];
}

export interface Signature {
  name: string;
  email: string;
}

export interface CommitInput {
  path: string;
  basePath: string;
  branch: string;
  title: string;
  body?: string;
  author: Signature;
  /** Last lines of the message: `Agent: Built-in (no model)`. */
  trailers: Record<string, string>;
}

export interface CreateBranchInput {
  basePath: string;
  branch: string;
  sha: string;
  from?: string;
}

export interface GitRef {
  name: string;
  sha: string;
}

export interface SnapshotInput {
  path: string;
  basePath: string;
  /** The session's branch. Its tip is kept too where HEAD has left it. */
  branch: string;
  /** Where the base keeps it: refs/kosuke/rescue/{session id}/{label}. */
  ref: string;
  title: string;
  /** Kosuke itself when left out. */
  author?: Signature;
  /** A commit of the base that the files are about to be reset to: ignored files that stand in its way are kept too. */
  replacedBy?: string;
}

export interface Snapshot {
  sha: string;
  /** The commit HEAD was on; null without one. */
  headSha: string | null;
  /** The tip of the session's branch: another than headSha only where HEAD had left it. */
  branchSha: string | null;
  hasUncommitted: boolean;
  /** What is not in it: nested repositories, submodules, files that may not be read, names that are not UTF-8. */
  skippedPaths: string[];
}

export interface ResetInput {
  path: string;
  basePath: string;
  branch: string;
  /** Null for a repository without commits. */
  sha: string | null;
  /** A commit with the files that lie there now: a snapshot, or HEAD where nothing is uncommitted. Null for none. */
  saved: string | null;
}

export interface RestoreSnapshotInput extends Omit<ResetInput, 'sha'> {
  /** The snapshot. */
  sha: string;
}

export interface ResetResult extends WorkspaceHead {
  /** What the files were before, against what they are now: the first hundred of them by path, and how many there are. */
  undone: { files: { path: string; kind: FileChangeKind }[]; count: number };
  /** What was kept under another name because it was in the way, and what could not be removed or written. */
  keptPaths: string[];
}

export interface RevertInput extends CommitInput {
  /** The commit to undo. */
  sha: string;
  /** Names this attempt: a commit that it made before is known by it. */
  operation: string;
}

export type Reverted =
  /** Ignored files that were in the way are kept under other names. */
  | { kind: 'reverted'; commit: Commit; keptPaths: string[] }
  /** It changed lines that later commits changed again, in these files. */
  | { kind: 'conflict'; paths: string[] }
  /** These files would be written, and hold what is not committed. */
  | { kind: 'uncommitted'; paths: string[] }
  /** All of it was undone already. */
  | { kind: 'nothing' };

export interface Commit {
  sha: string;
  title: string;
  files: FileChange[];
  additions: number;
  deletions: number;
  /** What was left out of the commit: nested repositories, submodules, files that may not be read, names that are not UTF-8. */
  skippedPaths: string[];
}
