import { copyCommits } from './copy-commits.ts';
import type { CreateBranchInput, GitBranch } from './git.ts';
import { GitError } from './git-error.ts';
import { nodegit } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, refsUnder, refTarget, requireBranchName } from './refs.ts';

export async function branches({ path }: { path: string }): Promise<GitBranch[]> {
  const repository = await openRepository(path);
  const refs = await refsUnder(repository, [BRANCH_PREFIX]);
  repository.cleanup();
  return refs.map(({ name, sha }) => ({ name: name.slice(BRANCH_PREFIX.length), commitSha: sha }));
}

export async function createBranch({ basePath, branch, sha, from }: CreateBranchInput): Promise<undefined> {
  requireBranchName(branch);
  const base = await openRepository(basePath);
  try {
    if (await refTarget(base, BRANCH_PREFIX + branch)) return undefined;
    const id = nodegit.Oid.fromString(sha);
    const isThere = (await base.odb()).existsExt(id, 0) === 1;
    if (!isThere && !from) throw new GitError('not-found', 'The repository of this project does not have that commit.');
    if (!isThere && from) {
      const workspace = await openWorkspace(from);
      await copyCommits(workspace, base, id).finally(() => workspace.cleanup());
    }
    await nodegit.Reference.create(base, BRANCH_PREFIX + branch, id, 0, '');
    return undefined;
  } finally {
    base.cleanup();
  }
}
