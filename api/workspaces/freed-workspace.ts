import { mkdir, rename } from 'node:fs/promises';
import type { CreateWorkspaceInput, Git, Leftover, OperationOptions, WorkspaceHead } from '../git/git.ts';
import { readRefFiles } from '../git/ref-files.ts';
import { temporarySibling } from '../git/temporary-folder.ts';
import type { Checkpoint } from '../runner/checkpoint.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import { isFolder } from './disk-check.ts';
import { keepFiles, putBack } from './kept-files.ts';
import type { WorkspaceLayout } from './layout.ts';
import { moveToQuarantine, type Trash } from './trash.ts';

/** What was not committed when a session's directory was freed; the newest one counts. */
export function archiveRefsOf(sessionId: string): string {
  return `${rescuePrefix(sessionId)}archive`;
}

export function archiveRef(sessionId: string, operationId: number): string {
  return `${archiveRefsOf(sessionId)}/${String(operationId).padStart(10, '0')}`;
}

interface Place {
  projectId: number | string;
  sessionId: string;
}

export interface BroughtBack {
  headSha: string | null;
  /** Kept files that were not put back, because something else is in their place now. They are in the quarantine. */
  leftAside?: string[];
}

interface Parts {
  git: Git;
  layout: WorkspaceLayout;
  trash: Trash;
  checkpoint: Checkpoint;
}

/**
 * What there is of a workspace that was freed: a snapshot in the base repository, and files that git does not hold.
 * While the workspace itself is there, it is what counts, and these are of no use.
 */
export class FreedWorkspaces {
  constructor(private readonly parts: Parts) {}

  /** Keeps files of a workspace that is about to be freed; takes the place of what was kept before. */
  async keep({ projectId, sessionId }: Place, files: Leftover[]): Promise<void> {
    const { layout, trash } = this.parts;
    const kept = layout.kept(projectId, sessionId);
    if (files.length === 0) return await trash.put(kept);
    const growing = temporarySibling(kept);
    try {
      await mkdir(layout.keptFolders(projectId), { recursive: true, mode: 0o700 });
      await keepFiles(layout.workspace(projectId, sessionId), files, growing);
      await trash.put(kept);
      await rename(growing, kept);
    } catch (error) {
      await trash.put(growing);
      throw error;
    }
  }

  /** What was kept is of no use any more: the workspace is there. */
  async forget({ projectId, sessionId }: Place): Promise<void> {
    const { git, layout, trash } = this.parts;
    await git.deleteRefs({ path: layout.base(projectId), prefix: archiveRefsOf(sessionId) });
    await trash.put(layout.kept(projectId, sessionId));
  }

  async find({ projectId, sessionId }: Place): Promise<{ sha: string | null; hasFiles: boolean } | null> {
    const { layout } = this.parts;
    const refs = await readRefFiles(layout.base(projectId), archiveRefsOf(sessionId));
    const hasFiles = await isFolder(layout.kept(projectId, sessionId));
    const sha = [...refs.values()].at(-1) ?? null;
    return sha || hasFiles ? { sha, hasFiles } : null;
  }

  /** Makes the workspace anew beside its place, and puts it there when it is as it was: whole or not at all. */
  async bringBack(
    place: Place,
    freed: { sha: string | null; hasFiles: boolean },
    input: CreateWorkspaceInput,
    make: (input: CreateWorkspaceInput) => Promise<WorkspaceHead>,
    options: OperationOptions,
  ): Promise<BroughtBack> {
    const { git, layout, trash, checkpoint } = this.parts;
    const growing = temporarySibling(input.path);
    const { basePath, branch } = input;
    try {
      const made = await make({ ...input, path: growing });
      await checkpoint('unarchive: made');
      const { headSha } = freed.sha
        ? await git.restoreSnapshot({ path: growing, basePath, branch, saved: made.headSha, sha: freed.sha }, options)
        : made;
      await checkpoint('unarchive: restored');
      const kept = layout.kept(place.projectId, place.sessionId);
      const leftAside = freed.hasFiles ? await putBack(kept, growing) : [];
      await checkpoint('unarchive: files');
      await rename(growing, input.path);
      await checkpoint('unarchive: placed');
      if (leftAside.length > 0) await moveToQuarantine(kept, layout);
      await this.forget(place);
      await checkpoint('unarchive: forgotten');
      return { headSha, ...(leftAside.length > 0 ? { leftAside } : {}) };
    } catch (error) {
      await trash.put(growing).catch(() => undefined);
      throw error;
    }
  }
}
