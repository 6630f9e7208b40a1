import type { AgentHost } from '../agents/agent.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Git, Leftovers } from '../git/git.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import { type OperationContext, OperationFailed } from '../operations/operation-handler.ts';
import { UNFINISHED } from '../runs/run.entity.ts';
import { type ChatSession, ChatSessionStatus, WorkspaceStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import { archiveRef } from '../workspaces/freed-workspace.ts';
import { REBUILT_FOLDERS } from '../workspaces/rebuilt-folders.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Preparation } from './preparation.ts';

const MEGABYTE = 1024 * 1024;
/** More files than this would keep the disk busy for long. */
const MAX_KEPT_FILES = 50_000;
const NAMED = 5;

export interface ArchiveParts {
  git: Git;
  store: WorkspaceStore;
  agents: AgentHost;
  preparation: Preparation;
  work: UnitOfWork;
  /** How much of what git does not hold is kept of a freed directory. */
  keepMb: number;
  checkpoint: Checkpoint;
}

/** Frees the directory of a session, and brings it back. */
export class Archive {
  constructor(private readonly parts: ArchiveParts) {}

  /** Nothing is taken away before all of it is kept; when that fails, everything is as before. */
  async free({ operation, session, report, signal }: OperationContext): Promise<Record<string, unknown>> {
    const { agents, store, checkpoint } = this.parts;
    if (session.workspaceStatus === WorkspaceStatus.CLEANED) return { freed: true };
    if (session.deletedAt || !(await this.isStillWanted(session, operation.kind))) return { freed: false };
    await agents.end(session.id);
    let kept: Kept | null = null;
    if (await store.hasWorkspace(session.projectId, session.id)) {
      try {
        kept = await this.keep(operation.id, session, report, signal);
        await store.freeWorkspace(placeOf(session));
      } catch (error) {
        if (!signal.aborted) await this.leaveAsItWas(session, error);
        throw error;
      }
      await checkpoint('archive: freed');
    }
    await this.saveCleaned(session, kept);
    await checkpoint('archive: saved');
    return { freed: true, keptFiles: kept?.files ?? 0, leftOut: kept?.leftOut ?? [] };
  }

  async bringBack({ session, report, signal }: OperationContext): Promise<Record<string, unknown>> {
    if (session.deletedAt) return {};
    const open = await this.parts.preparation.workspace(session, { onProgress: report, signal });
    // Cut off after the directory had its place, the last attempt could not let go of what was kept.
    await this.parts.store.forgetKept(placeOf(session));
    await this.parts.checkpoint('unarchive: saved');
    return { leftAside: open.leftAside ?? [] };
  }

  private async keep(
    operationId: number,
    session: ChatSession,
    report: OperationContext['report'],
    signal: AbortSignal,
  ): Promise<Kept> {
    const { git, store, keepMb, checkpoint } = this.parts;
    const { id, branch } = session;
    const place = placeOf(session);
    const path = store.workspacePath(place.projectId, id);
    const basePath = store.basePath(place.projectId);
    report({ phase: 'Keeping what is not committed' });
    const ref = archiveRef(id, operationId);
    const snapshot = await git.snapshot(
      { path, basePath, branch, ref, title: 'Before the directory was freed' },
      { signal },
    );
    await checkpoint('archive: snapshot');
    await git.publishBranch({ path, basePath, branch, othersUnder: `${rescuePrefix(id)}workspace` }, { signal });
    await checkpoint('archive: branch');
    report({ phase: 'Keeping what git does not hold' });
    const { skippedPaths } = snapshot;
    const left = await git.leftovers(
      {
        path,
        basePath,
        commit: snapshot.sha,
        skippedPaths,
        rebuiltFolders: REBUILT_FOLDERS,
        maxEntries: MAX_KEPT_FILES,
      },
      { signal },
    );
    if (left.isCut || left.bytes > keepMb * MEGABYTE) throw tooMuch(left, keepMb);
    await store.keepFiles(place, left.entries);
    await checkpoint('archive: kept');
    const files = left.entries.filter(({ kind, path: at }) => kind !== 'folder' && !at.startsWith('.git/')).length;
    return { files, leftOut: left.leftOut, hasUncommitted: snapshot.hasUncommitted };
  }

  /** Somebody may have come back to the session before its turn came. */
  private async isStillWanted(session: ChatSession, kind: WorkspaceOperationKind): Promise<boolean> {
    if (kind === WorkspaceOperationKind.ARCHIVE) return session.status === ChatSessionStatus.ARCHIVED;
    return this.parts.work.run(async ({ db }) => {
      const rows = (await db.query('SELECT 1 FROM runs WHERE chat_session_id = $1 AND status = ANY ($2) LIMIT 1', [
        session.key,
        UNFINISHED,
      ])) as unknown[];
      return rows.length === 0;
    });
  }

  private async leaveAsItWas(session: ChatSession, reason: unknown): Promise<void> {
    // The workspace holds all of it. What cannot be let go of now goes at the next start.
    await this.parts.store.forgetKept(placeOf(session)).catch(() => undefined);
    const why = reason instanceof OperationFailed ? reason.message : 'Something went wrong while its files were kept.';
    await this.save(session, `UPDATE chat_sessions SET workspace_message = $2 WHERE id = $1`, [
      `The directory was not freed. ${why}`,
    ]);
  }

  private saveCleaned(session: ChatSession, kept: Kept | null): Promise<void> {
    return this.save(
      session,
      `UPDATE chat_sessions SET workspace_status = 'cleaned', workspace_message = $2, cleaned_at = now() WHERE id = $1`,
      [describe(kept)],
    );
  }

  private save({ key, projectId }: ChatSession, statement: string, values: unknown[]): Promise<void> {
    return this.parts.work.run(async (tx) => {
      await tx.db.query(statement, [key, ...values]);
      tx.publish(sessionChanged, String(projectId), { sessionKey: key, kind: 'updated' });
    });
  }
}

interface Kept {
  files: number;
  leftOut: string[];
  hasUncommitted: boolean;
}

function placeOf({ projectId, id }: ChatSession): { projectId: number; sessionId: string } {
  return { projectId, sessionId: id };
}

/** What the person reads who looks at the session. */
function describe(kept: Kept | null): string {
  const parts = ['The directory was freed; it comes back as it was when the chat goes on.'];
  if (kept?.hasUncommitted) parts.push('What was not committed is kept.');
  if (kept && kept.files > 0) {
    parts.push(
      `${kept.files} ${kept.files === 1 ? 'file' : 'files'} that git does not hold ${kept.files === 1 ? 'is' : 'are'} kept.`,
    );
  }
  if (kept && kept.leftOut.length > 0) parts.push(`Not kept, because set-up makes it again: ${someOf(kept.leftOut)}.`);
  return parts.join(' ');
}

function tooMuch({ isCut, bytes, largest }: Leftovers, keepMb: number): OperationFailed {
  const size = isCut ? `more than ${MAX_KEPT_FILES} files` : `${Math.ceil(bytes / MEGABYTE)} MB`;
  const named = largest.map(({ path, bytes: of }) => `${path} (${Math.ceil(of / MEGABYTE)} MB)`);
  return new OperationFailed(
    'TOO_MUCH_IGNORED',
    `It holds ${size} that git does not hold, and at most ${keepMb} MB of that are kept: ${named.join(', ')}. Commit or remove what is large, or raise KOSUKE_ARCHIVE_KEEP_MB.`,
  );
}

function someOf(paths: string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return `${paths.slice(0, NAMED).join(', ')}${more}`;
}
