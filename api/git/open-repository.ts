import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import { requirePlainGitFolder } from './git-folder.ts';
import { nodegit, OPEN_NO_SEARCH, type Repository } from './nodegit.ts';

/** Opens the repository at exactly this path (with or without a work tree); never one of a folder above. */
export async function openRepository(path: string): Promise<Repository> {
  try {
    return await nodegit.Repository.openExt(path, OPEN_NO_SEARCH, '');
  } catch (cause) {
    switch (libgit2Errno(cause)) {
      case -3:
        throw new GitError('not-a-repository', 'There is no git repository at this path.', { cause });
      case -36:
        throw unsafeOwner(path, cause);
      default:
        throw new GitError(
          'not-a-repository',
          'This git repository cannot be opened. It may be damaged, or use a format that Kosuke does not read (SHA-256 objects, reftable).',
          { cause },
        );
    }
  }
}

/**
 * Opens a repository that is only read: its refs are listed and its object files copied, and no setting, hook or
 * attribute of it has a say. So it may belong to somebody else, as it does when root adds a folder of its own.
 */
export async function openSource(path: string): Promise<Repository> {
  const { opts, OPT } = nodegit.Libgit2;
  // For this process; it does one thing at a time, and nothing else is opened meanwhile.
  await opts(OPT.SET_OWNER_VALIDATION, 0);
  try {
    return await openRepository(path);
  } finally {
    await opts(OPT.SET_OWNER_VALIDATION, 1);
  }
}

/**
 * Opens a session's workspace. Its .git must be a plain folder of its own and its work tree the workspace itself:
 * anything else was put there by whoever wrote in it, and would lead git to files of others.
 */
export async function openWorkspace(path: string): Promise<Repository> {
  requirePlainGitFolder(join(path, '.git'));
  const repository = await openRepository(path);
  const root = `${realpathSync.native(path)}/`;
  const isOwn =
    repository.workdir() === root &&
    repository.path() === `${root}.git/` &&
    repository.commondir() === repository.path();
  if (!isOwn) {
    throw new GitError('drifted', 'The git settings of this workspace point outside of it, so nothing was done.');
  }
  return repository;
}

function unsafeOwner(path: string, cause: unknown): GitError {
  const account = accountName();
  return new GitError(
    'unsafe-owner',
    `This repository belongs to another account, and Kosuke runs as "${account}". Give the folder to that account (chown -R ${account} "${path}"), or make a copy that it owns, or add the repository by its https address.`,
    { cause },
  );
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
