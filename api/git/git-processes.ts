import { rm } from 'node:fs/promises';
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
  Git,
  GitBranch,
  GitRef,
  HandOverInput,
  InitBaseInput,
  Leftovers,
  LeftoversInput,
  MakeSpareInput,
  OperationOptions,
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
import { GitError } from './git-error.ts';
import type { GitOperationName, GitOperations } from './git-operations.ts';
import { GitProcess } from './git-process.ts';
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
import { temporarySibling } from './temporary-folder.ts';
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

const DEADLINE_MS = 120_000;
const CLONE_DEADLINE_MS = 30 * 60_000;
/** Every file of a workspace may be read or written. */
const FILES_DEADLINE_MS = 10 * 60_000;
/** Nobody waits for it, and it gives way to those at work. */
const SPARE_DEADLINE_MS = 60 * 60_000;
const END_WHEN_IDLE_MS = 60_000;
/** Operations that wait for a network or copy whole repositories. */
const TRANSFERS: GitOperationName[] = ['cloneBase', 'fetchBase'];

export interface GitOptions {
  /** How many operations run at once, at most. Default 2. */
  processes?: number;
  /** Certificates to trust for https, as a PEM file. Default: those of the system. */
  caFile?: string;
  /** A child process with nothing to do ends after so long, and another starts when needed. Default 60 s. */
  idleMs?: number;
  /** How far the child processes give way to others, 0 to 19. Default 0: not at all. */
  niceness?: number;
}

export function createGit(options: GitOptions = {}): Git {
  return new GitProcesses(options);
}

type PreparingOperation = 'cloneBase' | 'initBase' | 'createWorkspace' | 'makeSpare' | 'diffFiles' | 'diffFile';

interface Job {
  operation: GitOperationName;
  input: unknown;
  options: OperationOptions;
  /** Jobs with the same key run one after the other: the path that is written to. */
  key: string | null;
  start(process: GitProcess): Promise<void>;
  fail(error: GitError): void;
}

/** The git door: a queue in front of a few child processes that come and go with the work. */
export class GitProcesses implements Git {
  private readonly limit: number;
  private readonly queue: Job[] = [];
  private readonly running = new Map<Job, GitProcess>();
  private readonly idle = new Map<GitProcess, NodeJS.Timeout>();
  private readonly quiet: (() => void)[] = [];
  private isClosed = false;

  constructor(private readonly options: GitOptions = {}) {
    this.limit = Math.max(1, options.processes ?? 2);
  }

  /** The operating system's ids of the child processes that live now. */
  get processIds(): number[] {
    return [...this.running.values(), ...this.idle.keys()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  cloneBase(input: CloneBaseInput, options: OperationOptions = {}): Promise<BaseRepository> {
    return this.runPreparing('cloneBase', input, input.path, input.path, { deadlineMs: CLONE_DEADLINE_MS, ...options });
  }

  fetchBase(input: FetchBaseInput, options: OperationOptions = {}): Promise<FetchedBase> {
    return this.run('fetchBase', input, input.path, { deadlineMs: CLONE_DEADLINE_MS, ...options });
  }

  initBase(input: InitBaseInput, options?: OperationOptions): Promise<BaseRepository> {
    return this.runPreparing('initBase', input, input.path, input.path, options);
  }

  branches(path: string, options?: OperationOptions): Promise<GitBranch[]> {
    return this.run('branches', { path }, null, options);
  }

  branchFiles(input: BranchFilesInput, options?: OperationOptions): Promise<BranchFile[]> {
    return this.run('branchFiles', input, null, options);
  }

  createWorkspace(input: CreateWorkspaceInput, options: OperationOptions = {}): Promise<WorkspaceHead> {
    const { path } = input;
    return this.runPreparing('createWorkspace', input, path, path, { deadlineMs: FILES_DEADLINE_MS, ...options });
  }

  makeSpare(input: MakeSpareInput, options: OperationOptions = {}): Promise<Spare | null> {
    const { path } = input;
    return this.runPreparing('makeSpare', input, path, path, { deadlineMs: SPARE_DEADLINE_MS, ...options });
  }

  updateSpare(input: UpdateSpareInput, options: OperationOptions = {}): Promise<Spare | null> {
    return this.run('updateSpare', input, input.path, { deadlineMs: SPARE_DEADLINE_MS, ...options });
  }

  handOver(input: HandOverInput, options: OperationOptions = {}): Promise<WorkspaceHead | null> {
    return this.run('handOver', input, input.path, { deadlineMs: FILES_DEADLINE_MS, ...options });
  }

  status(path: string, options?: OperationOptions): Promise<WorkspaceState> {
    return this.run('status', { path }, null, options);
  }

  repositoryTraits(input: { path: string; branch: string }, options?: OperationOptions): Promise<RepositoryTraits> {
    return this.run('repositoryTraits', input, null, options);
  }

  branchState(input: BranchStateInput, options?: OperationOptions): Promise<BranchState> {
    return this.run('branchState', input, null, options);
  }

  compareBranches(input: CompareBranchesInput, options?: OperationOptions): Promise<BranchComparison | null> {
    return this.run('compareBranches', input, null, options);
  }

  diskUse(path: string, options?: OperationOptions): Promise<number> {
    return this.run('diskUse', { path }, null, options);
  }

  repairHead(input: RepairHeadInput, options?: OperationOptions): Promise<RepairedHead> {
    return this.run('repairHead', input, input.path, options);
  }

  commitAll(input: CommitInput, options?: OperationOptions): Promise<Commit | null> {
    return this.run('commitAll', input, input.path, options);
  }

  snapshot(input: SnapshotInput, options: OperationOptions = {}): Promise<Snapshot> {
    return this.run('snapshot', input, input.path, { deadlineMs: FILES_DEADLINE_MS, ...options });
  }

  resetWorkspace(input: ResetInput, options: OperationOptions = {}): Promise<ResetResult> {
    return this.run('resetWorkspace', input, input.path, { deadlineMs: FILES_DEADLINE_MS, ...options });
  }

  restoreSnapshot(input: RestoreSnapshotInput, options: OperationOptions = {}): Promise<ResetResult> {
    return this.run('restoreSnapshot', input, input.path, { deadlineMs: FILES_DEADLINE_MS, ...options });
  }

  revertCommit(input: RevertInput, options?: OperationOptions): Promise<Reverted> {
    return this.run('revertCommit', input, input.path, options);
  }

  createBranch(input: CreateBranchInput, options?: OperationOptions): Promise<void> {
    return this.run('createBranch', input, input.basePath, options);
  }

  listRefs(input: { path: string; prefix: string }, options?: OperationOptions): Promise<GitRef[]> {
    return this.run('listRefs', input, null, options);
  }

  deleteRefs(input: { path: string; prefix: string }, options?: OperationOptions): Promise<void> {
    return this.run('deleteRefs', input, input.path, options);
  }

  diffFiles(input: DiffFilesInput, options?: OperationOptions): Promise<Difference | Missing> {
    return this.runPreparing('diffFiles', input, input.session.basePath, null, options);
  }

  diffFile(input: DiffFileInput, options?: OperationOptions): Promise<FileLines | Missing> {
    return this.runPreparing('diffFile', input, input.session.basePath, null, options);
  }

  listFolder(input: PathInput, options?: OperationOptions): Promise<FolderListing | Missing> {
    return this.run('listFolder', input, null, options);
  }

  readFile(input: PathInput, options?: OperationOptions): Promise<FileContent | Missing> {
    return this.run('readFile', input, null, options);
  }

  computeBaseUpdate(input: BaseUpdateInput, options?: OperationOptions): Promise<BaseUpdateOutcome> {
    return this.run('computeBaseUpdate', input, null, options);
  }

  carryOver(input: CarryOverInput, options?: OperationOptions): Promise<CarryOverOutcome> {
    return this.run('carryOver', input, null, options);
  }

  agentResolutions(input: AgentResolutionsInput, options?: OperationOptions): Promise<AgentResolutions> {
    return this.run('agentResolutions', input, null, options);
  }

  submodules(
    input: { basePath: string; sha: string; path: string },
    options?: OperationOptions,
  ): Promise<NamedSubmodule[]> {
    return this.run('submodules', input, null, options);
  }

  placeSubmodule(input: PlaceSubmoduleInput, options?: OperationOptions): Promise<PlacedSubmodule> {
    // One at a time out of each repository: what is being written lies in it for a moment.
    return this.run('placeSubmodule', input, input.modulePath, options);
  }

  blobText(input: { path: string; sha: string; maxBytes: number }, options?: OperationOptions): Promise<BlobText> {
    return this.run('blobText', input, null, options);
  }

  async whenQuiet(): Promise<void> {
    if (this.queue.length > 0) await new Promise<void>((resolve) => this.quiet.push(resolve));
  }

  publishBranch(input: PublishBranchInput, options?: OperationOptions): Promise<string | null> {
    return this.run('publishBranch', input, input.path, options);
  }

  deleteBranch(input: { path: string; branch: string }, options?: OperationOptions): Promise<void> {
    return this.run('deleteBranch', input, input.path, options);
  }

  leftovers(input: LeftoversInput, options: OperationOptions = {}): Promise<Leftovers> {
    return this.run('leftovers', input, input.path, { deadlineMs: FILES_DEADLINE_MS, ...options });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const job of this.queue.splice(0)) job.fail(closedError());
    const processes = [...this.running.values(), ...this.idle.keys()];
    for (const job of this.running.keys()) job.fail(closedError());
    for (const timer of this.idle.values()) clearTimeout(timer);
    this.idle.clear();
    await Promise.all(processes.map((process) => process.kill()));
  }

  /**
   * With a folder beside `place` to work in. What is left of it when an operation ends, fails or its process dies is cleared
   * away here, where nobody was killed.
   */
  private async runPreparing<Name extends PreparingOperation>(
    operation: Name,
    input: Omit<GitOperations[Name]['input'], 'temporaryPath'>,
    place: string,
    key: string | null,
    options?: OperationOptions,
  ): Promise<GitOperations[Name]['result']> {
    const temporaryPath = temporarySibling(place);
    try {
      return await this.run(operation, { ...input, temporaryPath }, key, options);
    } finally {
      // Whoever closes it wants to end now; the next start clears away what is half made.
      if (!this.isClosed) await rm(temporaryPath, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private run<Name extends GitOperationName>(
    operation: Name,
    input: unknown,
    key: string | null,
    options: OperationOptions = {},
  ): Promise<GitOperations[Name]['result']> {
    if (this.isClosed) return Promise.reject(closedError());
    if (options.signal?.aborted) return Promise.reject(abortedError());
    return new Promise((resolve, reject) => {
      let stop: GitError | null = null;
      let process: GitProcess | null = null;
      /** Settles only when the child is gone, so that whoever comes next finds nobody at work in the same place. */
      const fail = (error: GitError) => {
        stop ??= error;
        if (process) void process.kill();
        else finish(() => reject(error));
      };
      const onAbort = () => fail(abortedError());
      const deadline = setTimeout(
        () => fail(new GitError('timeout', 'This git operation took too long and was stopped.')),
        options.deadlineMs ?? DEADLINE_MS,
      );
      const finish = (settle: () => void) => {
        clearTimeout(deadline);
        options.signal?.removeEventListener('abort', onAbort);
        const place = this.queue.indexOf(job);
        if (place >= 0) this.queue.splice(place, 1);
        settle();
        if (this.queue.length === 0) for (const resolve of this.quiet.splice(0)) resolve();
      };
      const job: Job = {
        operation,
        input,
        options,
        key,
        fail,
        start: async (child) => {
          process = child;
          try {
            const result = await child.run({ operation, input }, options.onProgress);
            finish(() => resolve(result as GitOperations[Name]['result']));
          } catch (error) {
            finish(() => reject(stop ?? error));
          }
        },
      };
      options.signal?.addEventListener('abort', onAbort, { once: true });
      this.queue.push(job);
      this.startNext();
    });
  }

  private startNext(): void {
    while (!this.isClosed && this.running.size < this.limit) {
      const place = this.queue.findIndex((job) => this.mayStart(job));
      const [job] = place >= 0 ? this.queue.splice(place, 1) : [];
      if (!job) return;
      const process = this.takeProcess();
      this.running.set(job, process);
      void job.start(process).finally(() => {
        this.running.delete(job);
        this.putBack(process);
        this.startNext();
      });
    }
  }

  /**
   * Clones can take half an hour, so one place is always kept for the quick operations of sessions at work. Measuring a
   * folder takes a second at most, and whoever asks for it can wait: one at a time.
   */
  private mayStart(job: Job): boolean {
    const running = [...this.running.keys()];
    if (job.key !== null && running.some(({ key }) => key === job.key)) return false;
    if (job.operation === 'diskUse') return !running.some(({ operation }) => operation === 'diskUse');
    if (!TRANSFERS.includes(job.operation)) return true;
    const transfers = running.filter(({ operation }) => TRANSFERS.includes(operation)).length;
    return transfers < Math.max(1, this.limit - 1);
  }

  private takeProcess(): GitProcess {
    for (const [process, timer] of this.idle) {
      clearTimeout(timer);
      this.idle.delete(process);
      if (process.isAlive) return process;
    }
    return new GitProcess(this.options);
  }

  private putBack(process: GitProcess): void {
    if (this.isClosed || !process.isAlive) {
      void process.kill();
      return;
    }
    const timer = setTimeout(() => {
      this.idle.delete(process);
      void process.kill();
    }, this.options.idleMs ?? END_WHEN_IDLE_MS);
    timer.unref();
    this.idle.set(process, timer);
    process.whenGone(() => {
      clearTimeout(timer);
      this.idle.delete(process);
    });
  }
}

function abortedError(): GitError {
  return new GitError('aborted', 'This git operation was stopped.');
}

function closedError(): GitError {
  return new GitError('aborted', 'Kosuke is stopping, so this git operation was not done.');
}
