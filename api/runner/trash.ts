import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';

const EVERY_MS = 60 * 60 * 1_000;

/** Empties the trash: what was deleted long enough ago is gone for good, with its directories. */
export class Trash {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: WorkspaceStore,
    private readonly agents: AgentHost,
    private readonly runnerId: string,
    private readonly keepDays: number,
    private readonly log: Logger,
  ) {}

  start(): void {
    const empty = () => this.empty().catch((err) => this.log.warn({ err }, 'The trash could not be emptied'));
    void empty();
    this.timer = setInterval(empty, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The directory goes first: when this is cut off in the middle, the row is still there to try again. */
  async empty(): Promise<void> {
    const sessions = (await this.dataSource.query(
      `SELECT id AS key, session_id AS id, project_id AS "projectId" FROM chat_sessions
       WHERE runner_id = $1 AND deleted_at < now() - make_interval(days => $2)`,
      [this.runnerId, this.keepDays],
    )) as { key: number; id: string; projectId: number }[];
    for (const session of sessions) {
      await this.agents.end(session.id);
      await this.store.removeWorkspace({ projectId: session.projectId, sessionId: session.id });
      await this.dataSource.query('DELETE FROM chat_sessions WHERE id = $1', [session.key]);
      this.log.info({ session: session.id }, 'Deleted a session for good');
    }
    const projects = (await this.dataSource.query(
      'SELECT id FROM projects WHERE runner_id = $1 AND deleted_at < now() - make_interval(days => $2)',
      [this.runnerId, this.keepDays],
    )) as { id: number }[];
    for (const { id } of projects) {
      await this.store.removeProject(id);
      await this.dataSource.query('DELETE FROM projects WHERE id = $1', [id]);
      this.log.info({ project: id }, 'Deleted a project for good');
    }
  }
}
