import { GitError } from './git-error.ts';

/**
 * Turns what libgit2 or the file system threw into the closed list, by number, and by text only where
 * there is none. The original words go
 * along as the cause, for the log only: they may hold paths.
 */
export function toGitError(error: unknown): GitError {
  if (error instanceof GitError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string') return fromSystemCode(code, cause);
  const errno = 'errno' in cause ? cause.errno : undefined;
  return fromLibgit2Errno(typeof errno === 'number' ? errno : undefined, cause);
}

function fromSystemCode(code: string, cause: Error): GitError {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(cause);
    case 'EEXIST':
    case 'ENOTEMPTY':
      return new GitError('exists', 'There is already something at that place.', { cause });
    case 'ENOENT':
    case 'ENOTDIR':
      return new GitError('not-found', 'A file or folder that git needs is not there.', { cause });
    case 'EACCES':
    case 'EPERM':
      return new GitError('unsafe-owner', 'The account that Kosuke runs as may not read or write these files.', {
        cause,
      });
    default:
      return unexpected(cause);
  }
}

/** The one thing libgit2 has no number for: it quotes the system, in the language that git processes run in. */
const DISK_FULL = /: (No space left on device|Dis[ck] quota exceeded)$/;

function fromLibgit2Errno(errno: number | undefined, cause: Error): GitError {
  switch (errno) {
    case -3:
      return new GitError('not-found', 'Git could not find what was asked for.', { cause });
    case -4:
      return new GitError('exists', 'There is already something with that name.', { cause });
    case -11:
      return new GitError('not-fast-forward', 'The other side has commits that are missing here.', { cause });
    case -12:
    case -21:
      return new GitError('invalid-name', 'That is not a valid name in git.', { cause });
    case -14:
      return new GitError('locked', 'Another program is using this repository. Try again in a moment.', { cause });
    case -16:
      return new GitError('auth-failed', 'The server wants a sign-in for this repository.', { cause });
    case -17:
      return new GitError(
        'network',
        'The certificate of the server is not trusted here. Is the package ca-certificates installed?',
        { cause },
      );
    case -36:
      return new GitError('unsafe-owner', 'The repository belongs to another account of this machine.', { cause });
    case -37:
      return new GitError('timeout', 'The server took too long to answer.', { cause });
    default:
      return DISK_FULL.test(cause.message) ? diskFull(cause) : unexpected(cause);
  }
}

export function diskFull(cause: unknown): GitError {
  return new GitError('disk-full', 'The disk is full. Free some space and try again.', { cause });
}

function unexpected(cause: Error): GitError {
  return new GitError('unexpected', 'Git failed in a way that Kosuke does not know. The server log has the details.', {
    cause,
  });
}

/** The number libgit2 failed with, or undefined when it was something else. */
export function libgit2Errno(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errno' in error)) return undefined;
  return typeof error.errno === 'number' && !('code' in error) ? error.errno : undefined;
}
