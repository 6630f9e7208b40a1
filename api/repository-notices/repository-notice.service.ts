import type { RepositoryTraits } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import { type Project, ProjectStatus } from '../projects/project.entity.ts';
import type { RunnerClient } from '../runner-queries/runner-client.ts';
import { RunnerUnreachable } from '../runner-queries/runner-queries.ts';
import { type RepositoryNotice, RepositoryNoticeKind } from './repository-notice.type.ts';

const LFS = 'lfs';

/** What people are told of a repository whose files are not all treated as git would. */
export class RepositoryNoticeService {
  constructor(private readonly runners: RunnerClient) {}

  /** Null when nobody can tell now. */
  async of({ id, runnerId, status, defaultBranch }: Project): Promise<RepositoryNotice[] | null> {
    if (status !== ProjectStatus.READY) return null;
    try {
      return noticesOf(await this.runners.ask(runnerId, 'repositoryTraits', { projectId: id, branch: defaultBranch }));
    } catch (error) {
      if (error instanceof RunnerUnreachable || error instanceof GitError) return null;
      throw error;
    }
  }
}

function noticesOf({
  filters,
  encodings,
  submodules,
  submoduleCount,
  isShallow,
}: RepositoryTraits): RepositoryNotice[] {
  const notices: RepositoryNotice[] = [];
  const tell = (kind: RepositoryNoticeKind, message: string) => notices.push({ kind, message });
  if (filters.includes(LFS)) {
    tell(
      RepositoryNoticeKind.LARGE_FILE_STORAGE,
      'Some files of this repository are kept by Git LFS. In workspaces they are the pointers to them, and a commit that would change one is refused.',
    );
  }
  const programs = filters.filter((name) => name !== LFS);
  if (programs.length > 0) {
    tell(
      RepositoryNoticeKind.FILTERS,
      `Git would convert some files with a program (${programs.join(', ')}). In workspaces they are as they are stored, and a commit that would change one is refused.`,
    );
  }
  if (encodings.length > 0) {
    tell(
      RepositoryNoticeKind.ENCODINGS,
      `Some files have another encoding in a work tree (${encodings.join(', ')}). In workspaces they are UTF-8, as they are stored, and a commit that would change one is refused.`,
    );
  }
  if (submoduleCount > 0) {
    const more = submoduleCount > submodules.length ? ` and ${submoduleCount - submodules.length} more` : '';
    tell(
      RepositoryNoticeKind.SUBMODULES,
      `This repository has submodules (${submodules.join(', ')}${more}). Their folders are empty in new workspaces until they are checked out, and what is changed in them is not committed.`,
    );
  }
  if (isShallow) {
    tell(
      RepositoryNoticeKind.SHALLOW_HISTORY,
      'Only the newest commits of this repository are here, because its source has no more. Older history cannot be shown.',
    );
  }
  return notices;
}
