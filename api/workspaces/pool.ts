import { randomBytes } from 'node:crypto';
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateWorkspaceInput, Git, OperationOptions, WorkspaceHead } from '../git/git.ts';
import { GitError } from '../git/git-error.ts';
import { temporarySibling } from '../git/temporary-folder.ts';
import { headBranch } from './head-branch.ts';
import { indexedFiles } from './indexed-files.ts';
import type { WorkspaceLayout } from './layout.ts';
import { allSpares, claimSpare, lastUse, readSpareFile, type SpareOnDisk, sparesOf } from './spares.ts';
import { moveAside, namesIn, type Trash } from './trash.ts';

const TEND_EVERY_MS = 60 * 60 * 1_000;

export interface PoolSettings {
  /** How many workspaces are kept ready for each project. */
  sparesPerProject: number;
  /** A repository of fewer files gets none: its workspaces are made as fast as they would be handed over. */
  fromFiles: number;
  /** Spares are let go, and none is made, when less than this would be left on the disk. */
  minFreeBytes: number;
  /** What all spares together may take. */
  maxBytes: number;
  /** A project that had no new workspace for so long keeps no spare. */
  idleMs: number;
}

export interface PoolParts {
  layout: WorkspaceLayout;
  /** Hands spares over. */
  git: Git;
  /** Makes spares; its processes give way to all others. */
  backgroundGit: Git;
  trash: Trash;
  hiddenBranchPrefix: string;
  settings: PoolSettings;
  onError: (error: unknown) => void;
}

/**
 * Workspaces that are nobody's yet, made in the background, so that a new session only has to move one into its place. A
 * spare lies outside of every session's directory, so no agent has ever seen it. Whoever renames it away first has it: two
 * sessions never get the same one, and what was being handed over when the program ended is named as half made.
 */
export class WorkspacePool {
  private readonly wanted = new Set<string>();
  /** What a spare of a project turned out to take, as far as one was made since the start. */
  private readonly known = new Map<string, number>();
  private underWay: { projectId: string; abort: AbortController; ended: Promise<void> } | null = null;
  private working: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly parts: PoolParts) {}

  /** Puts aside what is not known, and begins to look after the spares that are. Half-made ones are gone by now. */
  async start(): Promise<void> {
    const { layout, trash } = this.parts;
    for (const projectId of await layout.projectIds()) {
      for (const name of await namesIn(layout.pool(projectId))) {
        const path = join(layout.pool(projectId), name);
        const format = await readSpareFile(path);
        if (format === 'unknown') await moveAside(path, layout.quarantine);
        else if (format === 'outdated') await trash.put(path);
      }
    }
    this.look();
    this.timer = setInterval(() => this.look(), TEND_EVERY_MS).unref();
  }

  /** Stops what is being made; half of a spare is cleared away. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    this.wanted.clear();
    this.underWay?.abort.abort();
    await this.parts.backgroundGit.close();
    await this.working;
  }

  /** Makes a spare the workspace that is asked for; null when there is none that can become it. */
  async handOver(
    projectId: number | string,
    input: CreateWorkspaceInput,
    options: OperationOptions,
  ): Promise<WorkspaceHead | null> {
    const { layout, git, trash, onError } = this.parts;
    for (const spare of await sparesOf(layout, String(projectId))) {
      const sparePath = temporarySibling(input.path);
      if (!(await claimSpare(spare.path, sparePath))) continue;
      try {
        const head = await git.handOver({ ...input, sparePath }, options);
        if (head) return head;
      } catch (error) {
        if (!(error instanceof GitError)) throw error;
        // Made from scratch it may yet come to be; if not, that says why.
        if (error.code !== 'aborted') onError(error);
      }
      await trash.put(sparePath);
      trash.empty();
      if (options.signal?.aborted) return null;
    }
    return null;
  }

  /** A workspace was just made: there will be others. */
  async noteUse(projectId: number | string, workspacePath: string): Promise<void> {
    const { sparesPerProject, fromFiles } = this.parts.settings;
    if (sparesPerProject === 0) return;
    if ((await indexedFiles(join(workspacePath, '.git', 'index'))) >= fromFiles) this.fill(String(projectId));
  }

  /** Ends what is being made for a project that is about to be removed, so that nothing grows in its folder. */
  async forget(projectId: number | string): Promise<void> {
    this.wanted.delete(String(projectId));
    if (this.underWay?.projectId !== String(projectId)) return;
    this.underWay.abort.abort();
    await this.underWay.ended;
  }

  /** Resolves when nothing is being made any more. */
  async whenFilled(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Lets go what nobody needs, brings the rest up to date, and makes what is missing, in the background. */
  look(): void {
    const { layout, settings } = this.parts;
    this.enqueue(async () => {
      await this.letGo();
      if (settings.sparesPerProject === 0) return;
      for (const projectId of await layout.projectIds()) {
        // Where there is a pool, a spare was worth its while.
        const hasPool = await stat(layout.pool(projectId)).catch(() => null);
        if (hasPool && (await lastUse(layout, projectId)) >= Date.now() - settings.idleMs) this.fill(projectId);
      }
    });
  }

  private fill(projectId: string): void {
    this.wanted.add(projectId);
    this.enqueue(async () => {
      // A set goes on to what is added meanwhile; one project at a time, so that the disk stays free for those at work.
      for (const next of this.wanted) {
        this.wanted.delete(next);
        await this.fillOne(next);
      }
    });
  }

  private enqueue(work: () => Promise<void>): void {
    if (this.isClosed) return;
    const mine = (this.working ?? Promise.resolve()).then(work).catch(this.parts.onError);
    this.working = mine;
    void mine.then(() => {
      if (this.working === mine) this.working = null;
    });
  }

  private async fillOne(projectId: string): Promise<void> {
    const abort = new AbortController();
    const ended = this.makeMissing(projectId, abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted) this.parts.onError(error);
    });
    this.underWay = { projectId, abort, ended };
    await ended;
    this.underWay = null;
  }

  private async makeMissing(projectId: string, signal: AbortSignal): Promise<void> {
    const { layout, git, backgroundGit, trash, hiddenBranchPrefix, settings } = this.parts;
    const basePath = layout.base(projectId);
    const baseBranch = await headBranch(join(basePath, 'HEAD'));
    if (!baseBranch) return;
    const input = () => ({
      basePath,
      path: join(layout.pool(projectId), randomName()),
      baseBranch,
      hiddenBranchPrefix,
    });
    const tip = (await backgroundGit.branches(basePath, { signal })).find(({ name }) => name === baseBranch)?.commitSha;
    const there = await sparesOf(layout, projectId);
    for (const stale of there.filter(({ headSha }) => headSha !== tip)) {
      const sparePath = temporarySibling(stale.path);
      if (!(await claimSpare(stale.path, sparePath))) continue;
      const updated = await backgroundGit.updateSpare({ ...input(), sparePath }, { signal }).catch(() => null);
      if (!updated) await trash.put(sparePath);
    }
    trash.empty();
    for (let count = (await sparesOf(layout, projectId)).length; count < settings.sparesPerProject; count += 1) {
      await git.whenQuiet();
      if (signal.aborted || !(await this.makeRoom(projectId))) return;
      const spare = await backgroundGit.makeSpare(input(), { signal });
      if (!spare) return;
      this.known.set(projectId, spare.bytes);
      await this.letGo();
    }
  }

  /** Whether there is room for one more spare, if need be in place of those whose projects were used longer ago. */
  private async makeRoom(projectId: string): Promise<boolean> {
    const { layout, settings } = this.parts;
    const needed = this.known.get(projectId) ?? 0;
    if ((await freeBytes(layout.projects)) < settings.minFreeBytes + needed) return false;
    if (needed > settings.maxBytes) return false;
    const all = await allSpares(layout);
    let taken = needed + all.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const oldest of all) {
      if (taken <= settings.maxBytes) return true;
      if (oldest.projectId === projectId) continue;
      await this.discard(oldest);
      taken -= oldest.bytes;
    }
    return taken <= settings.maxBytes;
  }

  /** Lets go the spares of idle projects, and so many others as the limits ask for, those used longest ago first. */
  private async letGo(): Promise<void> {
    const { layout, settings } = this.parts;
    const all = await allSpares(layout);
    const isDiskFull = (await freeBytes(layout.projects)) < settings.minFreeBytes;
    let taken = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const perProject = new Map<string, number>();
    for (const spare of all) {
      const count = (perProject.get(spare.projectId) ?? 0) + 1;
      perProject.set(spare.projectId, count);
      const isIdle = spare.usedMs < Date.now() - settings.idleMs;
      if (!isIdle && !isDiskFull && taken <= settings.maxBytes && count <= settings.sparesPerProject) continue;
      await this.discard(spare);
      taken -= spare.bytes;
    }
  }

  private async discard(spare: SpareOnDisk): Promise<void> {
    const { trash } = this.parts;
    await trash.put(spare.path);
    trash.empty();
  }
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

function randomName(): string {
  return randomBytes(8).toString('hex');
}
