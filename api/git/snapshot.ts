import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readChanges } from './changes.ts';
import { commitMessage, trailerOf } from './commit-message.ts';
import { copyCommits } from './copy-commits.ts';
import type { Snapshot, SnapshotInput } from './git.ts';
import { filesInTheWay } from './in-the-way.ts';
import { type Index, nodegit, type Oid, type Repository } from './nodegit.ts';
import { systemCode } from './object-files.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, refTarget, requireBranchName, requireRefName } from './refs.ts';
import { COMMITTER, commitSignature } from './signature.ts';
import { Staging } from './staging.ts';
import { treeOf } from './trees.ts';

const EXPLANATION =
  'Everything as it lay in the workspace, not committed files too, byte for byte: nothing that .gitattributes asks for (line ends, Git LFS) was done to them.';

/** Stopped anywhere before the ref is there, the same call again makes it; afterwards it tells what is there. */
export async function snapshot(input: SnapshotInput): Promise<Snapshot> {
  requireBranchName(input.branch);
  requireRefName(input.ref);
  const workspace = await openWorkspace(input.path);
  const base = await openRepository(input.basePath);
  try {
    const made = await refTarget(base, input.ref);
    if (made) return await describeSnapshot(base, made);
    const id = await store(workspace, base, input);
    await copyCommits(workspace, base, id);
    await nodegit.Reference.create(base, input.ref, id, 0, '');
    return await describeSnapshot(base, id);
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

/** What the message of a snapshot says about it. */
export async function describeSnapshot(repository: Repository, id: Oid): Promise<Snapshot> {
  const commit = await nodegit.Commit.lookup(repository, id);
  const headSha = trailerOf(commit.message(), 'Head') ?? null;
  const head = headSha ? await nodegit.Commit.lookup(repository, nodegit.Oid.fromString(headSha)) : null;
  return {
    sha: id.tostrS(),
    headSha,
    branchSha: trailerOf(commit.message(), 'Branch') ?? null,
    hasUncommitted: head ? head.treeId().tostrS() !== commit.treeId().tostrS() : !(await isEmptyTree(repository, id)),
    skippedPaths: JSON.parse(trailerOf(commit.message(), 'Left-Out') ?? '[]') as string[],
  };
}

async function store(workspace: Repository, base: Repository, input: SnapshotInput): Promise<Oid> {
  const head = await refTarget(workspace, 'HEAD');
  // Off its branch, the workspace has two ends of work: the commit HEAD is on, and the branch.
  const branch = (await refTarget(workspace, BRANCH_PREFIX + input.branch)) ?? head;
  const changes = await readChanges(workspace);
  const files = [...changes.files];
  if (input.replacedBy) {
    const next = nodegit.Oid.fromString(input.replacedBy);
    await copyCommits(base, workspace, next);
    files.push(...(await filesInTheWay(workspace, input.path, head, next, files)));
  }
  const { index, remove } = await copyOfIndex(workspace);
  try {
    const refused = await new Staging(workspace, index, input.path, 'raw').stage(files);
    // What is left of a conflict could not be read, and is named as such.
    await index.conflictCleanup();
    const tree = await nodegit.Tree.lookup(workspace, await index.writeTreeTo(workspace));
    const skippedPaths = [...new Set([...changes.skippedPaths, ...refused])].sort();
    const parents = distinct([head, branch]);
    const message = commitMessage({
      title: input.title,
      body: EXPLANATION,
      trailers: {
        ...(head ? { Head: head.tostrS() } : {}),
        ...(branch ? { Branch: branch.tostrS() } : {}),
        'Left-Out': JSON.stringify(skippedPaths),
      },
    });
    const [author, committer] = [commitSignature(input.author ?? COMMITTER), commitSignature(COMMITTER)];
    const commits = await Promise.all(parents.map((id) => nodegit.Commit.lookup(workspace, id)));
    return await nodegit.Commit.create(
      workspace,
      null,
      author,
      committer,
      null,
      message,
      tree,
      parents.length,
      commits,
    );
  } finally {
    remove();
  }
}

/** The index is left as it is, so that nobody who looks at the workspace sees a difference. */
async function copyOfIndex(workspace: Repository): Promise<{ index: Index; remove(): void }> {
  const copy = join(workspace.path(), 'kosuke-snapshot-index');
  const remove = () => rmSync(copy, { force: true });
  remove();
  try {
    copyFileSync(join(workspace.path(), 'index'), copy);
  } catch (error) {
    // There is none before the first file is staged.
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  return { index: await nodegit.Index.open(copy), remove };
}

async function isEmptyTree(repository: Repository, commit: Oid): Promise<boolean> {
  return (await treeOf(repository, commit)).entries().length === 0;
}

function distinct(ids: (Oid | null)[]): Oid[] {
  const bySha = new Map(ids.flatMap((id) => (id ? [[id.tostrS(), id] as const] : [])));
  return [...bySha.values()];
}
