import type {
  BaseRepository,
  BranchComparison,
  BranchFile,
  BranchFilesInput,
  BranchState,
  BranchStateInput,
  CloneBaseInput,
  Commit,
  CommitInput,
  CompareBranchesInput,
  CreateBranchInput,
  CreateWorkspaceInput,
  FetchBaseInput,
  FetchedBase,
  GitBranch,
  GitProgress,
  GitRef,
  HandOverInput,
  InitBaseInput,
  Leftovers,
  LeftoversInput,
  MakeSpareInput,
  PublishBranchInput,
  RepairedHead,
  RepairHeadInput,
  RepositoryTraits,
  ResetInput,
  ResetResult,
  RestoreSnapshotInput,
  Reverted,
  RevertInput,
  Snapshot,
  SnapshotInput,
  Spare,
  UpdateSpareInput,
  WorkspaceHead,
  WorkspaceState,
} from './git.ts';
import type { GitErrorCode } from './git-error.ts';
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

/** Where a folder grows before it is renamed to its place, or is of use for a moment; chosen by the parent, which also clears it after a crash. */
interface Preparing {
  temporaryPath: string;
}

/** What a git child process can be asked: the input and the result of each operation, both plain data. */
export interface GitOperations {
  cloneBase: { input: CloneBaseInput & Preparing; result: BaseRepository };
  fetchBase: { input: FetchBaseInput; result: FetchedBase };
  initBase: { input: InitBaseInput & Preparing; result: BaseRepository };
  branchFiles: { input: BranchFilesInput; result: BranchFile[] };
  repositoryTraits: { input: { path: string; branch: string }; result: RepositoryTraits };
  branches: { input: { path: string }; result: GitBranch[] };
  handOver: { input: HandOverInput; result: WorkspaceHead | null };
  updateSpare: { input: UpdateSpareInput; result: Spare | null };
  makeSpare: { input: MakeSpareInput & Preparing; result: Spare | null };
  createWorkspace: { input: CreateWorkspaceInput & Preparing; result: WorkspaceHead };
  status: { input: { path: string }; result: WorkspaceState };
  branchState: { input: BranchStateInput; result: BranchState };
  compareBranches: { input: CompareBranchesInput; result: BranchComparison | null };
  diskUse: { input: { path: string }; result: number };
  repairHead: { input: RepairHeadInput; result: RepairedHead };
  commitAll: { input: CommitInput; result: Commit | null };
  snapshot: { input: SnapshotInput; result: Snapshot };
  resetWorkspace: { input: ResetInput; result: ResetResult };
  restoreSnapshot: { input: RestoreSnapshotInput; result: ResetResult };
  revertCommit: { input: RevertInput; result: Reverted };
  createBranch: { input: CreateBranchInput; result: undefined };
  listRefs: { input: { path: string; prefix: string }; result: GitRef[] };
  deleteRefs: { input: { path: string; prefix: string }; result: undefined };
  diffFiles: { input: DiffFilesInput & Preparing; result: Difference | Missing };
  diffFile: { input: DiffFileInput & Preparing; result: FileLines | Missing };
  listFolder: { input: PathInput; result: FolderListing | Missing };
  readFile: { input: PathInput; result: FileContent | Missing };
  computeBaseUpdate: { input: BaseUpdateInput; result: BaseUpdateOutcome };
  carryOver: { input: CarryOverInput; result: CarryOverOutcome };
  agentResolutions: { input: AgentResolutionsInput; result: AgentResolutions };
  submodules: { input: { basePath: string; sha: string; path: string }; result: NamedSubmodule[] };
  placeSubmodule: { input: PlaceSubmoduleInput; result: PlacedSubmodule };
  blobText: { input: { path: string; sha: string; maxBytes: number }; result: BlobText };
  publishBranch: { input: PublishBranchInput; result: string | null };
  deleteBranch: { input: { path: string; branch: string }; result: undefined };
  leftovers: { input: LeftoversInput; result: Leftovers };
}

export type GitOperationName = keyof GitOperations;

export type ReportProgress = (progress: GitProgress) => void;

export interface GitRequest {
  operation: GitOperationName;
  input: unknown;
}

export type GitReply =
  | { kind: 'progress'; progress: GitProgress }
  | { kind: 'done'; result: unknown }
  | { kind: 'failed'; code: GitErrorCode; message: string; detail: string };
