import { basename } from 'node:path';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { flatMap } from '../events/flat-map.ts';
import { Conflict, InvalidInput, NotFound, SourceRefused } from '../graphql/user-error.ts';
import { jobsOf } from '../runner/jobs.ts';
import { Branch } from './branch.entity.ts';
import { Project, ProjectSourceKind, ProjectStatus } from './project.entity.ts';
import { ALL_PROJECTS, projectChanged } from './project.events.ts';
import type { CreateProjectInput, UpdateProjectInput } from './project.inputs.ts';
import { listProjects, type ProjectListQuery } from './project.list.ts';
import { maySeeProject } from './project.policy.ts';

const NAME_MAX = 100;
const DESCRIPTION_MAX = 2_000;
const RETENTION_MAX = 3_650;

/** Whether a repository may be taken from somewhere; the reason when not. */
export interface SourceCheck {
  url(url: string): Promise<{ ok: true; url: string } | { ok: false; code: string; message: string }>;
  path(path: string): Promise<{ ok: true; path: string } | { ok: false; code: string; message: string }>;
}

const notFound = () => new NotFound('This project does not exist, or is not yours.');

/** The rules of projects; the runner alone writes how far their preparation is. */
export class ProjectService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly bus: EventBus,
    private readonly sources: SourceCheck,
  ) {}

  async find(viewer: Viewer, id: string, db: EntityManager = this.dataSource.manager): Promise<Project | null> {
    if (!/^\d{1,9}$/.test(id)) return null;
    const project = await db.findOneBy(Project, { id: Number(id), deletedAt: IsNull() });
    return project && maySeeProject(viewer, project) ? project : null;
  }

  async create(viewer: Viewer, input: CreateProjectInput): Promise<Project | InvalidInput | SourceRefused> {
    const source = await this.checkSource(input);
    if (source instanceof InvalidInput || source instanceof SourceRefused) return source;
    const name = (input.name?.trim() || nameOf(source.source)).slice(0, input.name ? undefined : NAME_MAX);
    const invalid = checkName(name);
    if (invalid) return invalid;

    return this.work.run(async (tx) => {
      const { identifiers } = await tx.db.insert(Project, {
        name,
        userId: viewer.id,
        ...source,
        status: ProjectStatus.PREPARING,
        statusMessage: 'Waiting for a runner',
        runnerId: await anyRunner(tx),
      });
      const project = await tx.db.findOneByOrFail(Project, { id: Number(identifiers[0]?.id) });
      await this.enqueuePreparation(tx, project);
      tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'created' });
      return project;
    });
  }

  async update(viewer: Viewer, input: UpdateProjectInput): Promise<Project | InvalidInput | NotFound> {
    const name = input.name?.trim();
    const invalid = typeof input.name === 'string' ? checkName(name ?? '') : undefined;
    if (invalid) return invalid;
    if ((input.description?.trim().length ?? 0) > DESCRIPTION_MAX) {
      return new InvalidInput('description', `A description has at most ${DESCRIPTION_MAX} characters.`);
    }
    if (typeof input.retentionDays === 'number' && (input.retentionDays < 0 || input.retentionDays > RETENTION_MAX)) {
      return new InvalidInput('retentionDays', `Give a number of days from 0, which is never, to ${RETENTION_MAX}.`);
    }
    return this.work.run(async (tx) => {
      const project = await this.find(viewer, input.id, tx.db);
      if (!project) return notFound();
      if (name) project.name = name;
      if (input.description !== undefined) project.description = input.description?.trim() || null;
      if (input.retentionDays !== undefined) project.retentionDays = input.retentionDays;
      const { description, retentionDays } = project;
      await tx.db.update(Project, { id: project.id }, { name: project.name, description, retentionDays });
      tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'updated' });
      return tx.db.findOneByOrFail(Project, { id: project.id });
    });
  }

  retry(viewer: Viewer, id: string): Promise<Project | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const project = await this.find(viewer, id, tx.db);
      if (!project) return notFound();
      if (project.status !== ProjectStatus.FAILED)
        return new Conflict('NOT_FAILED', 'This project has not failed; there is nothing to try again.');
      project.runnerId = await anyRunner(tx);
      project.status = ProjectStatus.PREPARING;
      project.statusMessage = 'Waiting for a runner';
      project.progress = null;
      const { runnerId, status, statusMessage, progress } = project;
      const change = { runnerId, status, statusMessage, progress, baseLostAt: null };
      await tx.db.update(Project, { id: project.id }, change);
      await this.enqueuePreparation(tx, project);
      tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'updated' });
      return project;
    });
  }

  list(viewer: Viewer, query: ProjectListQuery) {
    return listProjects(this.dataSource, viewer, query);
  }

  branches(project: Project): Promise<Branch[]> {
    return this.dataSource.manager.find(Branch, { where: { projectId: project.id }, order: { name: 'ASC' } });
  }

  /** Every change to one of the viewer's projects. After a lost connection all of them are said to have changed. */
  watch(viewer: Viewer): AsyncIterableIterator<{ projectId: number; kind: 'created' | 'updated' | 'removed' }> {
    return flatMap(this.bus.subscribe(projectChanged, ALL_PROJECTS), async (notice) => {
      if (notice.kind === 'missed') {
        const all = await this.dataSource.manager.findBy(Project, { deletedAt: IsNull() });
        return all
          .filter((project) => maySeeProject(viewer, project))
          .map(({ id }) => ({ projectId: id, kind: 'updated' as const }));
      }
      const project = await this.dataSource.manager.findOneBy(Project, { id: notice.payload.projectId });
      return project && maySeeProject(viewer, { ...project, purgingSince: null }) ? [notice.payload] : [];
    });
  }

  /**
   * The runner that holds this project's repository. A project that came over from an older version has none yet:
   * then one is chosen and prepares it. Null when no runner was ever connected.
   */
  async runnerOf(tx: Transaction, project: Project): Promise<string | null> {
    if (project.runnerId) return project.runnerId;
    project.runnerId = await anyRunner(tx);
    if (!project.runnerId) return null;
    await tx.db.update(Project, { id: project.id }, { runnerId: project.runnerId });
    await this.enqueuePreparation(tx, project);
    return project.runnerId;
  }

  private async enqueuePreparation(tx: Transaction, project: Project): Promise<void> {
    if (!project.runnerId) return;
    await tx.addJob(
      jobsOf(project.runnerId).prepareProject,
      { projectId: project.id },
      { queueName: `project:${project.id}` },
    );
  }

  private async checkSource(
    input: CreateProjectInput,
  ): Promise<{ sourceKind: ProjectSourceKind; source: string } | InvalidInput | SourceRefused> {
    const given = [input.localPath, input.gitUrl, input.template].filter(
      (value) => value !== null && value !== undefined,
    );
    if (given.length !== 1) return new InvalidInput('source', 'Give exactly one of localPath, gitUrl and template.');
    if (input.template) return { sourceKind: ProjectSourceKind.TEMPLATE, source: input.template };
    if (typeof input.gitUrl === 'string') {
      const checked = await this.sources.url(input.gitUrl.trim());
      return checked.ok
        ? { sourceKind: ProjectSourceKind.GIT_URL, source: checked.url }
        : new SourceRefused(checked.code, checked.message);
    }
    const checked = await this.sources.path((input.localPath ?? '').trim());
    return checked.ok
      ? { sourceKind: ProjectSourceKind.LOCAL_PATH, source: checked.path }
      : new SourceRefused(checked.code, checked.message);
  }
}

/** The runner heard of last; null when none was ever connected. */
async function anyRunner(tx: Transaction): Promise<string | null> {
  const [runner] = (await tx.db.query('SELECT id FROM runners ORDER BY heartbeat_at DESC LIMIT 1')) as { id: string }[];
  return runner?.id ?? null;
}

function nameOf(source: string): string {
  if (source === 'EMPTY') return 'New project';
  if (source === 'STATIC_WEB_PAGE') return 'Web page';
  return basename(source.replace(/\/+$/, '').replace(/\/?\.git$/, '')) || 'Project';
}

function checkName(name: string): InvalidInput | undefined {
  if (name.length === 0) return new InvalidInput('name', 'A project needs a name.');
  if (name.length > NAME_MAX)
    return new InvalidInput('name', `A name has at most ${NAME_MAX} characters; this one has ${name.length}.`);
  return undefined;
}
