import type { RepositoryTraits, WorkspaceState } from '../git/git.ts';
import type {
  Difference,
  DiffFileInput,
  DiffFilesInput,
  FileContent,
  FileLines,
  FolderListing,
  Missing,
  PathInput,
} from '../git/reads.ts';
import type { BlobText, NamedSubmodule } from '../git/updates.ts';

/**
 * What the api may ask of the runner that holds a workspace: the input and the result of each question, both plain
 * data. Questions change nothing; whatever changes something is a job.
 */
export interface RunnerQueries {
  /** The text of a file in the base repository of a project, by the id of its content. */
  storedText: { input: { projectId: number; sha: string; maxBytes: number }; result: BlobText };
  /** The submodules that a commit of a session names. */
  submodules: { input: SessionPlace & { sha: string }; result: NamedSubmodule[] };
  repositoryTraits: { input: { projectId: number; branch: string }; result: RepositoryTraits };
  workspaceState: { input: SessionPlace; result: WorkspaceState };
  /** Somebody looks at a session: for a while, its files are watched. */
  watchBranch: { input: { sessionKey: number }; result: null };
  diffFiles: { input: OfSession<DiffFilesInput>; result: Difference | Missing };
  diffFile: { input: OfSession<DiffFileInput>; result: FileLines | Missing };
  listFolder: { input: OfSession<PathInput>; result: FolderListing | Missing };
  readFile: { input: OfSession<PathInput>; result: FileContent | Missing };
}

/** Which session's workspace. */
export interface SessionPlace {
  projectId: number;
  sessionId: string;
}

/** Which session's files: in its workspace, and in its commits where that is not there. */
export interface SessionFilesPlace extends SessionPlace {
  branch: string;
  baseBranch: string;
}

/** Where the repositories of a session lie is the runner's to know. */
type OfSession<Input> = Omit<Input, 'session'> & { session: SessionFilesPlace };

export type RunnerQueryName = keyof RunnerQueries;

/** Answers on the runner. They throw GitError for what a person should know. */
export type RunnerQueryHandlers = {
  [Name in RunnerQueryName]: (
    input: RunnerQueries[Name]['input'],
    signal: AbortSignal,
  ) => Promise<RunnerQueries[Name]['result']>;
};

/** The runner that holds the workspace does not answer. */
export class RunnerUnreachable extends Error {
  override readonly name = 'RunnerUnreachable';

  constructor(options?: ErrorOptions) {
    super('The runner that holds this chat does not answer. Its files are there again when it is back.', options);
  }
}
