import type { DataSource } from 'typeorm';
import type { Git } from '../git/git.ts';
import { ChatSession, type PendingCopy } from '../sessions/session.entity.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import type { OpenWorkspace, WorkspaceStore } from '../workspaces/workspace-store.ts';

/** Where what is not committed in the other workspace is kept until the copy has it. */
const originRefsOf = (sessionId: string) => `${rescuePrefix(sessionId)}origin`;

/** What a copied session gets of the workspace it is a copy of, before anything else happens in its own. */
export class WorkspaceCopies {
  constructor(
    private readonly dataSource: DataSource,
    private readonly git: Git,
    private readonly store: WorkspaceStore,
  ) {}

  /**
   * Cuts the branch of the copy, so that its workspace is made from it, and gives what is left to be done there. Both may
   * be done again after the program ended in between: a branch that is there stays, and so does what was kept once.
   */
  async begin(session: ChatSession, copy: PendingCopy): Promise<(open: OpenWorkspace) => Promise<void>> {
    const { projectId, branch } = session;
    const basePath = this.store.basePath(projectId);
    const origin = await this.originOf(session, copy);
    const sha = copy.sha === undefined ? origin.branchSha : copy.sha;
    if (sha) await this.git.createBranch({ basePath, branch, sha, ...(origin.path ? { from: origin.path } : {}) });
    return async ({ path, headSha }) => {
      if (origin.snapshotSha) {
        await this.git.restoreSnapshot({ path, basePath, branch, sha: origin.snapshotSha, saved: headSha });
      }
      await this.dataSource.manager.update(ChatSession, { key: session.key }, { pendingCopy: null });
      await this.git.deleteRefs({ path: basePath, prefix: originRefsOf(session.id) });
    };
  }

  private async originOf(session: ChatSession, { fromSessionId, withUncommitted }: PendingCopy): Promise<Origin> {
    const { projectId } = session;
    const other = await this.dataSource.manager.findOneBy(ChatSession, { id: fromSessionId });
    if (!other) return { path: null, branchSha: null, snapshotSha: null };
    const basePath = this.store.basePath(projectId);
    const branches = await this.git.branches(basePath);
    const branchSha = branches.find(({ name }) => name === other.branch)?.commitSha ?? null;
    if (!(await this.store.hasWorkspace(projectId, other.id))) {
      // Its directory was freed: what was not committed in it is kept in the base.
      const kept = withUncommitted
        ? await this.git.listRefs({ path: basePath, prefix: `${rescuePrefix(other.id)}archive` })
        : [];
      return { path: null, branchSha, snapshotSha: kept.at(-1)?.sha ?? null };
    }
    const path = this.store.workspacePath(projectId, other.id);
    if (!withUncommitted) return { path, branchSha, snapshotSha: null };
    const ref = `${originRefsOf(session.id)}/workspace`;
    const title = `Copied into ${session.id}`;
    const saved = await this.git.snapshot({ path, basePath, branch: other.branch, ref, title });
    // Off its branch, the files are not those of the branch even where all of them are committed.
    const differs = saved.hasUncommitted || saved.headSha !== saved.branchSha;
    return { path, branchSha: saved.branchSha, snapshotSha: differs ? saved.sha : null };
  }
}

interface Origin {
  /** The other workspace; null when it is not there. */
  path: string | null;
  /** Where the branch of the other session is. */
  branchSha: string | null;
  snapshotSha: string | null;
}
