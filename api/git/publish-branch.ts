import { copyCommits } from './copy-commits.ts';
import type { PublishBranchInput } from './git.ts';
import { nodegit, type Repository } from './nodegit.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import { BRANCH_PREFIX, refsUnder, refTarget, requireBranchName, TAG_PREFIX } from './refs.ts';
import { publish } from './session-branch.ts';

/** Other places in a workspace where somebody may have put commits. */
const OTHER_WORK = [BRANCH_PREFIX, TAG_PREFIX, 'refs/stash'];

/**
 * Copies the branch of a workspace, with its commits, into the base. Null when it has no commit yet. With `othersUnder`,
 * commits on other branches of the workspace that the base lacks go there, too, under that ref.
 */
export async function publishBranch({
  path,
  basePath,
  branch,
  othersUnder,
}: PublishBranchInput): Promise<string | null> {
  requireBranchName(branch);
  const workspace = await openWorkspace(path);
  const base = await openRepository(basePath);
  try {
    if (othersUnder) await keepOthers(workspace, base, branch, othersUnder);
    const tip = await refTarget(workspace, BRANCH_PREFIX + branch);
    if (!tip) return null;
    await publish(workspace, base, BRANCH_PREFIX + branch, tip);
    return tip.tostrS();
  } finally {
    workspace.cleanup();
    base.cleanup();
  }
}

async function keepOthers(workspace: Repository, base: Repository, branch: string, under: string): Promise<void> {
  const tips = new Set((await refsUnder(base, [BRANCH_PREFIX, TAG_PREFIX])).map(({ sha }) => sha));
  const own = await refTarget(workspace, BRANCH_PREFIX + branch);
  const head = await refTarget(workspace, 'HEAD');
  const others = await refsUnder(workspace, OTHER_WORK);
  if (head) others.push({ name: 'refs/HEAD', sha: head.tostrS() });
  for (const { name, sha } of others) {
    if (tips.has(sha) || sha === own?.tostrS()) continue;
    const id = nodegit.Oid.fromString(sha);
    // A tag may name something else than a commit; then it is nobody's work.
    if (!(await nodegit.Commit.lookup(workspace, id).catch(() => null))) continue;
    if (own && (await nodegit.Graph.reachableFromAny(workspace, id, [own], 1)) === 1) continue;
    await copyCommits(workspace, base, id);
    await nodegit.Reference.create(base, `${under}/${name.slice('refs/'.length)}`, id, 1, '');
  }
}

/** Takes a branch out of a base repository; one that is not there is fine. */
export async function deleteBranch({ path, branch }: { path: string; branch: string }): Promise<undefined> {
  requireBranchName(branch);
  const base = await openRepository(path);
  try {
    if (await refTarget(base, BRANCH_PREFIX + branch)) await nodegit.Reference.remove(base, BRANCH_PREFIX + branch);
    return undefined;
  } finally {
    base.cleanup();
  }
}
