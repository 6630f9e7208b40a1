import type { GitRef } from './git.ts';
import { nodegit } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { refsUnder, requireRefName } from './refs.ts';

export async function listRefs({ path, prefix }: { path: string; prefix: string }): Promise<GitRef[]> {
  requireRefName(prefix);
  const repository = await openRepository(path);
  try {
    return await refsUnder(repository, [`${prefix}/`]);
  } finally {
    repository.cleanup();
  }
}

export async function deleteRefs({ path, prefix }: { path: string; prefix: string }): Promise<undefined> {
  requireRefName(prefix);
  const repository = await openRepository(path);
  try {
    for (const name of await nodegit.Reference.list(repository)) {
      if (name.startsWith(`${prefix}/`)) await nodegit.Reference.remove(repository, name);
    }
    return undefined;
  } finally {
    repository.cleanup();
  }
}
