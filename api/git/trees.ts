import { nodegit, type Oid, type Repository, type Tree } from './nodegit.ts';

export async function treeOf(repository: Repository, commit: Oid): Promise<Tree> {
  const found = await nodegit.Commit.lookup(repository, commit);
  return await nodegit.Tree.lookup(repository, found.treeId());
}

export async function emptyTree(repository: Repository): Promise<Tree> {
  const builder = await nodegit.Treebuilder.create(repository, null);
  return await nodegit.Tree.lookup(repository, await builder.write());
}
