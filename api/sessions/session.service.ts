import { GraphQLError } from 'graphql';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import type { AgentDescription } from '../agents/agent.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { flatMap } from '../events/flat-map.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { Branch } from '../projects/branch.entity.ts';
import { Project, ProjectStatus } from '../projects/project.entity.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { jobsOf } from '../runner/jobs.ts';
import type { RunService } from '../runs/run.service.ts';
import { ChatSession } from './session.entity.ts';
import { sessionChanged } from './session.events.ts';
import type { CreateChatSessionInput, UpdateChatSessionInput } from './session.inputs.ts';
import { listSessions, type SessionListQuery } from './session.list.ts';
import { maySeeSession } from './session.policy.ts';
import { branchOfSession, newSessionId } from './session-id.ts';

export interface SeenChange {
  kind: 'created' | 'updated' | 'removed';
  sessionId: string;
  session: ChatSession | null;
}

export const TITLE_MAX = 100;
const DESCRIPTION_MAX = 2_000;

/** The setup of workspaces, as far as sessions have to do with it. */
export interface SetupQueue {
  /** Behind the making of a new workspace. */
  enqueueFirst(tx: Transaction, session: ChatSession): Promise<void>;
  /** Ends what is under way. */
  stopIn(tx: Transaction, session: ChatSession): Promise<unknown>;
}

const notFound = () => new NotFound('This chat does not exist, or is not yours.');

/** The rules of sessions; the only writer of their rows besides the runner, which keeps their workspace state. */
export class SessionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly bus: EventBus,
    private readonly projects: ProjectService,
    private readonly runs: RunService,
    private readonly setups: SetupQueue,
    private readonly agents: AgentDescription[],
  ) {}

  /** The session, also when it is in the trash; null when it is gone or not the viewer's. */
  async find(viewer: Viewer, id: string, db: EntityManager = this.dataSource.manager): Promise<ChatSession | null> {
    const session = await db.findOneBy(ChatSession, { id });
    return session && maySeeSession(viewer, session) && (await isProjectThere(db, session)) ? session : null;
  }

  list(viewer: Viewer, query: Omit<SessionListQuery, 'userId'>) {
    return listSessions(this.dataSource, { ...query, userId: viewer.isOwner ? null : viewer.id });
  }

  async create(
    viewer: Viewer,
    input: CreateChatSessionInput,
  ): Promise<ChatSession | InvalidInput | NotFound | Conflict> {
    const invalid = checkTitle(input.title) ?? checkDescription(input.description);
    if (invalid) return invalid;
    const agentId = input.agent ?? 'builtin';
    if (!this.agents.some((agent) => agent.id === agentId))
      return new InvalidInput('agent', `There is no agent "${agentId}" here.`);
    const clientMutationId = input.clientMutationId ?? null;
    if (clientMutationId && clientMutationId.length > 100) {
      return new InvalidInput('clientMutationId', 'At most 100 characters.');
    }

    return this.work.run(async (tx) => {
      const project = await this.projects.find(viewer, input.projectId, tx.db);
      if (!project) return new NotFound('This project does not exist, or is not yours.');
      // Two at once would both find themselves the first session of the project.
      await tx.db.query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [project.id]);
      if (clientMutationId) {
        const same = await tx.db.findOneBy(ChatSession, { userId: viewer.id, clientMutationId });
        if (same) return same;
      }
      const baseBranch = input.baseBranch ?? project.defaultBranch;
      if (input.baseBranch && project.status === ProjectStatus.READY) {
        const known = await tx.db.existsBy(Branch, { projectId: project.id, name: baseBranch });
        if (!known) return new InvalidInput('baseBranch', `This project has no branch "${baseBranch}".`);
      }
      const runnerId = await this.projects.runnerOf(tx, project);
      if (!runnerId)
        return new Conflict(
          'NO_RUNNER',
          'No runner is connected, so no workspace can be made. Start one and try again.',
        );

      const id = newSessionId();
      const isDefault = !(await tx.db.existsBy(ChatSession, { projectId: project.id, isDefault: true }));
      const { identifiers } = await tx.db.insert(ChatSession, {
        id,
        projectId: project.id,
        userId: viewer.id,
        title: input.title.trim(),
        description: input.description?.trim() || null,
        branch: branchOfSession(id),
        baseBranch,
        agentId,
        isDefault,
        runnerId,
        clientMutationId,
      });
      const key = Number(identifiers[0]?.key);
      await tx.addJob(jobsOf(runnerId).prepareWorkspace, { sessionKey: key }, { queueName: `session:${key}` });
      tx.publish(sessionChanged, String(project.id), { sessionKey: key, kind: 'created' });
      const session = await tx.db.findOneByOrFail(ChatSession, { key });
      await this.setups.enqueueFirst(tx, session);
      return session;
    });
  }

  async update(viewer: Viewer, input: UpdateChatSessionInput): Promise<ChatSession | InvalidInput | NotFound> {
    const invalid =
      (input.title === null || input.title === undefined ? undefined : checkTitle(input.title)) ??
      checkDescription(input.description);
    if (invalid) return invalid;
    return this.change(viewer, input.id, async (tx, session) => {
      if (typeof input.title === 'string') session.title = input.title.trim();
      if (input.description !== undefined) session.description = input.description?.trim() || null;
      await tx.db.query('UPDATE chat_sessions SET title = $2, description = $3, updated_at = now() WHERE id = $1', [
        session.key,
        session.title,
        session.description,
      ]);
    });
  }

  /** The work is done; what runs in it is stopped. Its directory stays. */
  complete(viewer: Viewer, id: string) {
    return this.change(viewer, id, async (tx, session) => {
      if (session.deletedAt) return new Conflict('IN_TRASH', 'This chat is in the trash. Restore it first.');
      await this.runs.stopAll(tx, session);
      await tx.db.query(
        "UPDATE chat_sessions SET status = 'completed', archived_at = NULL, updated_at = now() WHERE id = $1",
        [session.key],
      );
      return undefined;
    });
  }

  /** Remembers it as the one the viewer has open in its project. */
  select(viewer: Viewer, id: string) {
    return this.work.run(async (tx) => {
      const session = await this.find(viewer, id, tx.db);
      if (!session) return notFound();
      await tx.db.query(
        `INSERT INTO selected_sessions (user_id, project_id, session_id) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, project_id) DO UPDATE SET session_id = excluded.session_id`,
        [viewer.id, session.projectId, session.key],
      );
      return session;
    });
  }

  /** The one `select` remembered, while it is not in the trash. */
  async selected(viewer: Viewer, projectId: number): Promise<ChatSession | null> {
    const session = await this.dataSource.manager
      .createQueryBuilder(ChatSession, 'session')
      .innerJoin('selected_sessions', 'selected', 'selected.session_id = session.key')
      .where('selected.user_id = :user AND selected.project_id = :projectId', { user: viewer.id, projectId })
      .andWhere('session.deletedAt IS NULL')
      .getOne();
    return session && maySeeSession(viewer, session) ? session : null;
  }

  /** Marks what was said up to a message number as read by the viewer; everything when left out. Never backwards. */
  async markRead(viewer: Viewer, id: string, upTo?: number | null): Promise<ChatSession | NotFound> {
    return this.work.run(async (tx) => {
      const session = await this.find(viewer, id, tx.db);
      if (!session) return notFound();
      const number = Math.min(upTo ?? session.lastMessageNumber, session.lastMessageNumber);
      if (await markRead(tx.db, session.key, viewer.id, number)) {
        tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
      }
      return session;
    });
  }

  /**
   * Every change to a session of this project. After a lost connection all of them are said to have changed.
   * @throws GraphQLError NOT_FOUND
   */
  async watch(viewer: Viewer, projectId: string): Promise<AsyncIterableIterator<SeenChange>> {
    const project = await this.projects.find(viewer, projectId);
    if (!project) {
      throw new GraphQLError('This project does not exist, or is not yours.', { extensions: { code: 'NOT_FOUND' } });
    }
    const notices = this.bus.subscribe(sessionChanged, String(project.id));
    return flatMap(notices, async (notice): Promise<SeenChange[]> => {
      if (notice.kind === 'missed') {
        const all = await this.dataSource.manager.findBy(ChatSession, { projectId: project.id });
        return all
          .filter((session) => maySeeSession(viewer, session))
          .map((session) => ({ kind: 'updated', sessionId: session.id, session }));
      }
      const { sessionKey, kind } = notice.payload;
      const session = await this.dataSource.manager.findOneBy(ChatSession, { key: sessionKey });
      if (!session || !maySeeSession(viewer, { ...session, purgingSince: null })) return [];
      if (session.purgingSince) return [{ kind: 'removed', sessionId: session.id, session: null }];
      return [{ kind, sessionId: session.id, session }];
    });
  }

  private change(
    viewer: Viewer,
    id: string,
    change: (tx: Transaction, session: ChatSession) => Promise<unknown>,
  ): Promise<ChatSession | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const session = await lockSession(tx.db, viewer, id);
      if (!session) return notFound();
      const result = await change(tx, session);
      if (result instanceof Conflict) return result;
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
      return tx.db.findOneByOrFail(ChatSession, { key: session.key });
    });
  }
}

/** The session under its row lock, so that nothing else is said or changed in it meanwhile. */
export async function lockSession(db: EntityManager, viewer: Viewer, id: string): Promise<ChatSession | null> {
  const session = await db.findOne(ChatSession, { where: { id }, lock: { mode: 'pessimistic_write' } });
  return session && maySeeSession(viewer, session) && (await isProjectThere(db, session)) ? session : null;
}

/** The sessions of a project in the trash are gone with it. */
function isProjectThere(db: EntityManager, { projectId }: ChatSession): Promise<boolean> {
  return db.existsBy(Project, { id: projectId, deletedAt: IsNull() });
}

/** True when something was unread before. */
export async function markRead(
  db: EntityManager,
  sessionKey: number,
  userId: string,
  number: number,
): Promise<boolean> {
  const rows = (await db.query(
    `INSERT INTO session_reads AS read (session_id, user_id, last_read_number) VALUES ($1, $2, $3)
     ON CONFLICT (session_id, user_id) DO UPDATE SET last_read_number = excluded.last_read_number
     WHERE read.last_read_number < excluded.last_read_number RETURNING 1`,
    [sessionKey, userId, number],
  )) as unknown[];
  return rows.length > 0;
}

export function checkTitle(title: string): InvalidInput | undefined {
  const length = title.trim().length;
  if (length === 0) return new InvalidInput('title', 'A chat needs a title.');
  if (length > TITLE_MAX)
    return new InvalidInput('title', `A title has at most ${TITLE_MAX} characters; this one has ${length}.`);
  return undefined;
}

function checkDescription(description: string | null | undefined): InvalidInput | undefined {
  if (!description || description.trim().length <= DESCRIPTION_MAX) return undefined;
  return new InvalidInput('description', `A description has at most ${DESCRIPTION_MAX} characters.`);
}
