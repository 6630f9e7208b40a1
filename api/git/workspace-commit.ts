import { commitMessage } from './commit-message.ts';
import { nodegit, type Repository, type Tree } from './nodegit.ts';
import { COMMITTER, commitSignature } from './signature.ts';

const EPOCH = new Date(0);

/**
 * A commit as a snapshot would be, for files that are to lie in a workspace without being committed: restoreSnapshot puts
 * them there, with the branch at `head`. Nothing refers to it, and the same files give the same commit.
 */
export async function workspaceCommit(repository: Repository, files: Tree, head: string | null): Promise<string> {
  const message = commitMessage({
    title: 'Files to be placed',
    trailers: { ...(head ? { Head: head, Branch: head } : {}), 'Left-Out': '[]' },
  });
  const person = commitSignature(COMMITTER, EPOCH);
  const parents = head ? [await nodegit.Commit.lookup(repository, nodegit.Oid.fromString(head))] : [];
  const id = await nodegit.Commit.create(
    repository,
    null,
    person,
    person,
    null,
    message,
    files,
    parents.length,
    parents,
  );
  return id.tostrS();
}
