import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import { BranchStatus } from '../branch-status/branch-status.entity.ts';
import { branchStatusChanged } from '../branch-status/branch-status.events.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import type { BranchComparison, Git } from '../git/git.ts';
import { ALL_PROJECTS, branchesMoved } from '../projects/project.events.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';

/** Changed files and conflicts are named up to here, and counted beyond. */
const MAX_PATHS = 200;

type Found = Partial<Omit<BranchStatus, 'remote' | 'isDrifted' | 'sync'>>;

/** Of a directory that is not there: the branch stays as it was. */
const NO_WORKSPACE: Found = { dirtyFiles: [], dirtyFileCount: 0, diskBytes: 0, processCount: 0 };

interface CheckParts {
  dataSource: DataSource;
  work: UnitOfWork;
  git: Git;
  store: WorkspaceStore;
  agents: AgentHost;
}

/** Finds out where the branch of a session stands, writes down what is new, and tells of it. */
export class BranchChecks {
  constructor(private readonly parts: CheckParts) {}

  /** Everything but the disk. */
  async everything(sessionKey: number): Promise<void> {
    const { git, store, agents } = this.parts;
    const session = await this.session(sessionKey);
    if (!session) return;
    const before = await this.stored(sessionKey);
    if (!(await store.hasWorkspace(session.projectId, session.id))) {
      if (before) await this.save(session, NO_WORKSPACE);
      return;
    }
    const path = store.workspacePath(session.projectId, session.id);
    const basePath = store.basePath(session.projectId);
    const { branch, baseBranch } = session;
    const { changedFiles, changedFileCount, ...state } = await git.branchState({
      ...{ path, basePath, branch, maxFiles: MAX_PATHS },
    });
    await this.save(session, {
      ...{ id: session.id, path, branch, baseBranch, ...state },
      ...{ dirtyFiles: changedFiles as BranchStatus['dirtyFiles'], dirtyFileCount: changedFileCount },
      ...(await this.compare(session, state.branchSha, before)),
      processCount: await agents.processCount(session.id),
    });
  }

  /** After the base branch may have moved. Looks at the base repository alone. */
  async base(sessionKey: number): Promise<void> {
    const session = await this.session(sessionKey);
    const before = await this.stored(sessionKey);
    if (!session || !before) return;
    const found = await this.compare(session, before.branchSha, before);
    if (found) await this.save(session, found);
  }

  async disk(sessionKey: number): Promise<void> {
    const { git, store } = this.parts;
    const session = await this.session(sessionKey);
    if (!session || !(await store.hasWorkspace(session.projectId, session.id))) return;
    const diskBytes = await git.diskUse(store.workspacePath(session.projectId, session.id));
    await this.save(session, { diskBytes });
  }

  async processes(sessionKey: number): Promise<void> {
    const session = await this.session(sessionKey);
    if (session) await this.save(session, { processCount: await this.parts.agents.processCount(session.id) });
  }

  private session(key: number): Promise<ChatSession | null> {
    return this.parts.dataSource.manager
      .createQueryBuilder(ChatSession, 'session')
      .where('session.key = :key AND session.deletedAt IS NULL', { key })
      .getOne();
  }

  private stored(key: number): Promise<BranchStatus | null> {
    return this.parts.dataSource.manager.findOneBy(BranchStatus, { chatSessionKey: key });
  }

  /** Null when nothing has moved: merging in memory is what costs, and the same commits give the same answer. */
  private async compare(
    { projectId, branch, baseBranch }: ChatSession,
    branchSha: string | null,
    before: BranchStatus | null,
  ): Promise<Found | null> {
    const isKnown = before && before.branchSha === branchSha && before.baseBranch === baseBranch;
    const comparison = await this.parts.git.compareBranches({
      ...{ basePath: this.parts.store.basePath(projectId), branch, branchSha, baseBranch, maxConflicts: MAX_PATHS },
      known: isKnown ? { baseSha: before.baseSha, remoteSha: before.remoteSha } : null,
    });
    return comparison && { baseBranch, ...columnsOf(comparison) };
  }

  /** Nobody is told of what was known already. */
  private save(session: ChatSession, found: Found): Promise<void> {
    const { key, projectId, branch } = session;
    return this.parts.work.run(async (tx) => {
      // It may have been deleted for good meanwhile.
      const [there] = await tx.db.query('SELECT 1 FROM chat_sessions WHERE id = $1 FOR KEY SHARE', [key]);
      if (!there) return;
      const before = await storedWhole(tx, key);
      const checkedAt = new Date();
      if (!before) {
        // Only a whole check makes the row; the others have nothing to add to yet.
        if (!found.path) return;
        await tx.db.insert(BranchStatus, { chatSessionKey: key, ...found, checkedAt });
      } else if (isSame(before, found)) {
        await tx.db.update(BranchStatus, { chatSessionKey: key }, { checkedAt });
        return;
      } else {
        await tx.db.update(
          BranchStatus,
          { chatSessionKey: key },
          { ...found, checkedAt, revision: before.revision + 1 },
        );
      }
      const after = await tx.db.findOneByOrFail(BranchStatus, { chatSessionKey: key });
      tx.publish(branchStatusChanged, String(key), { revision: after.revision });
      if (!before || !looksSameInList(before, after)) {
        tx.publish(sessionChanged, String(projectId), { sessionKey: key, kind: 'updated' });
      }
      // Other sessions may have been cut from this branch.
      if (before && before.branchSha !== after.branchSha) {
        tx.publish(branchesMoved, ALL_PROJECTS, { projectId, branches: [branch] });
      }
    });
  }
}

function columnsOf({ remote, ahead, behind, ...same }: BranchComparison): Found {
  return {
    ...same,
    aheadOfBase: ahead,
    behindBase: behind,
    remoteSha: remote?.sha ?? null,
    aheadOfRemote: remote?.ahead ?? 0,
    behindRemote: remote?.behind ?? 0,
  };
}

function storedWhole(tx: Transaction, key: number): Promise<BranchStatus | null> {
  return tx.db
    .createQueryBuilder(BranchStatus, 'status')
    .addSelect(['status.dirtyFiles', 'status.conflictPaths'])
    .where('status.chatSessionKey = :key', { key })
    .getOne();
}

function isSame(before: BranchStatus, found: Found): boolean {
  return Object.entries(found).every(([name, value]) => isDeepStrictEqual(before[name as keyof BranchStatus], value));
}

function looksSameInList(before: BranchStatus, after: BranchStatus): boolean {
  return (
    before.sync === after.sync && before.aheadOfBase === after.aheadOfBase && before.behindBase === after.behindBase
  );
}
