import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { EventBus } from '../events/event-bus.ts';
import { ALL_PROJECTS, branchesMoved } from '../projects/project.events.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import { ActiveSession } from './active-session.ts';
import type { BranchChecks } from './branch-checks.ts';
import { Rounds } from './rounds.ts';
import { WatchBudget } from './watch-budget.ts';

/** Beyond so many active sessions, files are not watched. */
const MAX_WATCHED = 50;

/** Under constant writing in all active sessions, checks take one part in so many of the time, however long each is. */
const PAUSE_FACTOR = 2;

interface WatchParts {
  runnerId: string;
  dataSource: DataSource;
  bus: EventBus;
  agents: AgentHost;
  store: WorkspaceStore;
  checks: BranchChecks;
  log: Logger;
}

/** What an agent at work tells of its session. */
export interface TurnWatch {
  /** It did something: files and processes may be others now. */
  stir(): void;
  end(): void;
}

/**
 * Decides when the branches of this runner's sessions are checked: after what changes them, while files change in workspaces
 * that are of interest, and never otherwise. One check at a time, so that most of the machine is left to those at work.
 */
export class BranchWatch {
  private readonly active = new Map<number, ActiveSession>();
  private readonly budget = new WatchBudget();
  private readonly rounds: Rounds;
  private readonly diskRounds: Rounds;
  private readonly offs: (() => void)[] = [];
  private isClosed = false;

  constructor(private readonly parts: WatchParts) {
    const failed = (err: unknown, key: string) => this.problem(err, { check: key });
    this.rounds = new Rounds((key) => this.round(key), failed);
    this.diskRounds = new Rounds((key) => parts.checks.disk(Number(key)), failed);
  }

  /** Sessions that were never checked are, in the background: they came over from an older version. */
  async start(): Promise<void> {
    const { dataSource, bus, agents, runnerId } = this.parts;
    this.offs.push(
      bus.on(branchesMoved, ALL_PROJECTS, (notice) => {
        this.inBackground(this.baseMoved(notice.kind === 'event' ? notice.payload : null));
      }),
      agents.onProcessChange((sessionId) => this.inBackground(this.processesChanged(sessionId))),
    );
    const unknown = (await dataSource.query(
      `SELECT session.id FROM chat_sessions AS session LEFT JOIN branch_statuses AS status ON status.chat_session_id = session.id
       WHERE session.runner_id = $1 AND session.workspace_status = 'ready' AND session.deleted_at IS NULL
         AND status.chat_session_id IS NULL ORDER BY session.last_activity_at DESC`,
      [runnerId],
    )) as { id: number }[];
    for (const { id } of unknown) this.check(id);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const off of this.offs) off();
    for (const session of this.active.values()) session.close();
    this.active.clear();
    await Promise.all([this.rounds.close(), this.diskRounds.close()]);
  }

  /** Something has been done to a workspace, or in it. */
  check(sessionKey: number): void {
    this.inBackground(this.checkNow(sessionKey));
  }

  /** An agent begins its turn: until it ends, the files of its session are watched. */
  turn(session: ChatSession): TurnWatch {
    const active = this.activate(session);
    active.beginTurn();
    return { stir: () => active.stir(), end: () => active.endTurn() };
  }

  /** Somebody looks at a session: for a while its files are watched. Only the first of several calls checks it. */
  async lease(sessionKey: number): Promise<void> {
    const { dataSource, runnerId } = this.parts;
    const known = this.active.get(sessionKey);
    if (known) return known.renew();
    const session = await dataSource.manager.findOneBy(ChatSession, { key: sessionKey });
    if (!session || session.deletedAt || session.runnerId !== runnerId) return;
    this.activate(session).renew();
  }

  private activate(session: ChatSession): ActiveSession {
    const { store, log } = this.parts;
    const known = this.active.get(session.key);
    if (known) return known;
    const active: ActiveSession = new ActiveSession({
      sessionId: session.id,
      path: store.workspacePath(session.projectId, session.id),
      budget: this.budget,
      onStir: () => void this.rounds.ask(`everything:${session.key}`),
      onRest: () => {
        active.close();
        this.active.delete(session.key);
      },
      log,
    });
    if (this.isClosed) return active;
    this.active.set(session.key, active);
    this.inBackground(this.checkFiles(session.key));
    return active;
  }

  private async checkNow(sessionKey: number): Promise<void> {
    await this.checkFiles(sessionKey);
    await this.diskRounds.ask(String(sessionKey));
  }

  /** The files of an active session are watched first, so that nothing changes unseen after the check. */
  private async checkFiles(sessionKey: number): Promise<void> {
    const active = this.active.get(sessionKey);
    if (active && this.active.size <= MAX_WATCHED) await active.watch();
    await this.rounds.ask(`everything:${sessionKey}`);
  }

  private async round(key: string): Promise<void> {
    const { checks } = this.parts;
    const [kind, id] = key.split(':');
    const sessionKey = Number(id);
    if (kind === 'base') return checks.base(sessionKey);
    if (kind === 'processes') return checks.processes(sessionKey);
    const active = this.active.get(sessionKey);
    const begunAt = performance.now();
    active?.beginCheck();
    try {
      await checks.everything(sessionKey);
    } finally {
      active?.endCheck(PAUSE_FACTOR * (performance.now() - begunAt) * this.active.size);
    }
  }

  /** Null: nobody knows which. */
  private async baseMoved(moved: { projectId: number; branches: string[] | null } | null): Promise<void> {
    const rows = (await this.parts.dataSource.query(
      `SELECT session.id FROM chat_sessions AS session JOIN branch_statuses AS status ON status.chat_session_id = session.id
       WHERE session.runner_id = $1 AND session.deleted_at IS NULL AND session.status <> 'archived'
         AND ($2::integer IS NULL OR session.project_id = $2) AND ($3::text[] IS NULL OR session.base_branch = ANY ($3))
       ORDER BY session.last_activity_at DESC`,
      [this.parts.runnerId, moved?.projectId ?? null, moved?.branches ?? null],
    )) as { id: number }[];
    for (const { id } of rows) void this.rounds.ask(`base:${id}`);
  }

  private async processesChanged(sessionId: string): Promise<void> {
    const session = await this.parts.dataSource.manager.findOneBy(ChatSession, { id: sessionId });
    if (session) await this.rounds.ask(`processes:${session.key}`);
  }

  private inBackground(work: Promise<void>): void {
    work.catch((err) => this.problem(err, {}));
  }

  private problem(err: unknown, about: Record<string, unknown>): void {
    if (!this.isClosed) this.parts.log.warn({ ...about, err }, 'The branch of a session could not be checked');
  }
}
