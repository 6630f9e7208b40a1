import type { GitBranch } from './git.ts';
import { openRepository } from './open-repository.ts';
import { BRANCH_PREFIX, refsUnder } from './refs.ts';

export async function branches({ path }: { path: string }): Promise<GitBranch[]> {
  const repository = await openRepository(path);
  const refs = await refsUnder(repository, [BRANCH_PREFIX]);
  repository.cleanup();
  return refs.map(({ name, sha }) => ({ name: name.slice(BRANCH_PREFIX.length), commitSha: sha }));
}
