import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { libgit2Errno } from './git-failure.ts';
import { type Commit, nodegit, type Oid, type Repository, type Tree } from './nodegit.ts';
import { NotThere } from './not-there.ts';
import { openRepository, openWorkspace } from './open-repository.ts';
import type { AskedState, FilesState, SessionPlaces } from './reads.ts';
import { BRANCH_PREFIX, headRef, refsUnder, refTarget } from './refs.ts';

/**
 * The repositories of a session, opened for reading. Every commit of a session is in the base, where no agent writes: so
 * commits are looked up there, and the workspace is only opened for what is in it now. @throws NotThere
 */
export class SessionRepositories {
  private opened: Repository | null | undefined;

  private constructor(
    readonly base: Repository,
    private readonly places: SessionPlaces,
  ) {}

  static async use<T>(places: SessionPlaces, read: (repositories: SessionRepositories) => Promise<T>): Promise<T> {
    if (!existsSync(join(places.basePath, 'HEAD'))) throw new NotThere('repository');
    const repositories = new SessionRepositories(await openRepository(places.basePath), places);
    try {
      return await read(repositories);
    } finally {
      repositories.base.cleanup();
      repositories.opened?.cleanup();
    }
  }

  /** Null where the workspace is not on this disk: still being made, or its space given back. */
  async workspace(): Promise<Repository | null> {
    if (this.opened === undefined) {
      this.opened = existsSync(this.places.path) ? await openWorkspace(this.places.path) : null;
    }
    return this.opened;
  }

  async resolve(asked: AskedState): Promise<FilesState> {
    switch (asked.kind) {
      case 'now': {
        if (await this.workspace()) return { kind: 'workspace' };
        const tip = (await this.freed()) ?? (await this.tip());
        if (!tip) throw new NotThere('files');
        return { kind: 'commit', sha: tip.tostrS() };
      }
      case 'empty':
        return { kind: 'empty' };
      case 'base':
        return this.forkPoint();
      case 'commit': {
        const commit = await this.commit(asked.sha);
        if (!asked.isKnown && !(await this.leadsTo(commit))) throw new NotThere('commit');
        return { kind: 'commit', sha: asked.sha };
      }
      case 'before': {
        const commit = await this.commit(asked.sha);
        if (commit.parentcount() === 0) return { kind: 'empty' };
        return { kind: 'commit', sha: commit.parentId(0).tostrS() };
      }
    }
  }

  /** The tree of a commit; null of nothing. */
  async treeAt(state: Exclude<FilesState, { kind: 'workspace' }>): Promise<Tree | null> {
    if (state.kind === 'empty') return null;
    return await nodegit.Tree.lookup(this.base, (await this.commit(state.sha)).treeId());
  }

  private async commit(sha: string): Promise<Commit> {
    if (!/^[0-9a-f]{40}$/.test(sha)) throw new NotThere('commit');
    try {
      return await nodegit.Commit.lookup(this.base, nodegit.Oid.fromString(sha));
    } catch (error) {
      if (libgit2Errno(error) === -3) throw new NotThere('commit');
      throw error;
    }
  }

  /** The newest commit of the session. Before its first one, the branch is in the workspace alone. */
  private async tip(): Promise<Oid | null> {
    const branchRef = BRANCH_PREFIX + this.places.branch;
    const published = await refTarget(this.base, branchRef);
    if (published) return published;
    const workspace = await this.workspace();
    return workspace && (await refTarget(workspace, branchRef));
  }

  /** The files of the workspace as they were when its disk space was given back. */
  private async freed(): Promise<Oid | null> {
    const last = (await refsUnder(this.base, [this.places.freedPrefix])).at(-1);
    return last ? nodegit.Oid.fromString(last.sha) : null;
  }

  private async forkPoint(): Promise<FilesState> {
    const baseRef = BRANCH_PREFIX + this.places.baseBranch;
    const [tip, baseTip] = [await this.tip(), await refTarget(this.base, baseRef)];
    if (!baseTip) {
      // In a repository that began without a commit, the base branch may still have none.
      const isUnborn = (await headRef(this.base)) === baseRef || (await this.isWithoutBranches());
      if (isUnborn) return { kind: 'empty' };
      throw new NotThere('base-branch');
    }
    return { kind: 'commit', sha: ((tip && (await this.mergeBase(tip, baseTip))) ?? baseTip).tostrS() };
  }

  private async isWithoutBranches(): Promise<boolean> {
    const refs = await refsUnder(this.base, [BRANCH_PREFIX]);
    return refs.every(({ name }) => name === BRANCH_PREFIX + this.places.branch);
  }

  private async mergeBase(one: Oid, other: Oid): Promise<Oid | null> {
    try {
      return await nodegit.Merge.base(this.base, one, other);
    } catch (error) {
      if (libgit2Errno(error) === -3) return null;
      throw error;
    }
  }

  private async leadsTo(commit: Commit): Promise<boolean> {
    const { branch, baseBranch, rescuePrefix } = this.places;
    const own = [BRANCH_PREFIX + branch, BRANCH_PREFIX + baseBranch];
    const refs = await refsUnder(this.base, [...own, rescuePrefix]);
    const tips = refs
      .filter(({ name }) => own.includes(name) || name.startsWith(rescuePrefix))
      .map(({ sha }) => nodegit.Oid.fromString(sha));
    return tips.length > 0 && (await nodegit.Graph.reachableFromAny(this.base, commit.id(), tips, tips.length)) === 1;
  }
}
