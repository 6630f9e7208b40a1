/** All the ways a git operation can fail. Nobody above this folder matches on text. */
export type GitErrorCode =
  | 'not-a-repository'
  | 'not-found'
  | 'auth-failed'
  | 'not-fast-forward'
  | 'rejected'
  | 'locked'
  | 'drifted'
  | 'exists'
  | 'invalid-name'
  | 'filter-unsupported'
  | 'unsafe-tree'
  | 'unsafe-owner'
  | 'network'
  | 'disk-full'
  | 'timeout'
  | 'aborted'
  | 'crashed'
  | 'unexpected';

/** A failed git operation; `message` is a sentence for a person, without secrets or paths of other projects. */
export class GitError extends Error {
  constructor(
    readonly code: GitErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'GitError';
  }
}
