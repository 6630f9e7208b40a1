import type { WorkspaceState } from '../git/git.ts';

/**
 * What the api may ask of the runner that holds a workspace: the input and the result of each question, both plain
 * data. Questions change nothing; whatever changes something is a job.
 */
export interface RunnerQueries {
  workspaceState: { input: SessionPlace; result: WorkspaceState };
  /** Somebody looks at a session: for a while, its files are watched. */
  watchBranch: { input: { sessionKey: number }; result: null };
}

/** Which session's workspace. */
export interface SessionPlace {
  projectId: number;
  sessionId: string;
}

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
