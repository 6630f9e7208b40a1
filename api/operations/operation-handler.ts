import type { GitProgress } from '../git/git.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import type { WorkspaceOperation, WorkspaceOperationKind } from './operation.entity.ts';

/** What a handler works with. */
export interface OperationContext {
  operation: WorkspaceOperation;
  /** The session as it was when the operation began. Nothing else is done to its workspace meanwhile. */
  session: ChatSession;
  /** Tells those who wait; written down a few times a second at most. */
  report(progress: GitProgress): void;
  /** Aborts when the program ends: the operation is carried out again after the next start. */
  signal: AbortSignal;
}

/**
 * Carries out one kind of operation, on the runner that holds the workspace. It may be cut off anywhere and is then
 * called again with the same operation, so every step of it finds out whether it was done before.
 * Throws OperationFailed or GitError for what a person should know.
 */
export type OperationHandler = (context: OperationContext) => Promise<Record<string, unknown> | undefined>;

export type OperationHandlers = Record<WorkspaceOperationKind, OperationHandler>;

/** Why an operation was not done; `message` says it to a person, and what to do about it. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  /** The files that stand in the way. */
  readonly paths: string[];

  constructor(
    readonly code: string,
    message: string,
    { paths = [], ...options }: ErrorOptions & { paths?: string[] } = {},
  ) {
    super(message, options);
    this.paths = paths;
  }
}
