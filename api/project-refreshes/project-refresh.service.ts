import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { Project, ProjectSourceKind, ProjectStatus } from '../projects/project.entity.ts';
import { ALL_PROJECTS, projectChanged } from '../projects/project.events.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { jobsOf } from '../runner/jobs.ts';
import { ProjectRefresh, ProjectRefreshStatus } from './project-refresh.entity.ts';

/** How long the mutation waits for the end; most sources answer sooner. */
const SETTLE_MS = 8_000;

/** Asking for refreshes of projects. Carrying them out is the runner's. */
export class ProjectRefreshService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly bus: EventBus,
    private readonly projects: ProjectService,
  ) {}

  /** Two who ask at once share one. */
  async request(viewer: Viewer, projectId: string): Promise<ProjectRefresh | NotFound | Conflict> {
    const begun = await this.work.run(async (tx) => {
      const project = await this.projects.find(viewer, projectId, tx.db);
      if (!project) return new NotFound('This project does not exist, or is not yours.');
      await tx.db.query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [project.id]);
      const refused = whyNot(project);
      if (refused) return refused;
      const underWay = { projectId: project.id, status: ProjectRefreshStatus.UNDER_WAY };
      const same = await tx.db.findOneBy(ProjectRefresh, underWay);
      if (same) return same;
      const { identifiers } = await tx.db.insert(ProjectRefresh, { projectId: project.id });
      const id = Number(identifiers[0]?.id);
      const task = jobsOf(project.runnerId as string).refreshProject;
      await tx.addJob(task, { refreshId: id }, { queueName: `project:${project.id}` });
      tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'updated' });
      return tx.db.findOneByOrFail(ProjectRefresh, { id });
    });
    return begun instanceof ProjectRefresh ? this.settled(begun) : begun;
  }

  latest(project: Project): Promise<ProjectRefresh | null> {
    return this.dataSource.manager.findOne(ProjectRefresh, {
      where: { projectId: project.id },
      order: { id: 'DESC' },
    });
  }

  /** As it is when it ends, or after a while when it goes on. */
  private async settled({ id, projectId }: ProjectRefresh): Promise<ProjectRefresh> {
    const read = () => this.dataSource.manager.findOneByOrFail(ProjectRefresh, { id });
    const over = new AbortController();
    const timer = delay(SETTLE_MS, undefined, { ref: false, signal: over.signal }).catch(() => undefined);
    let changed = () => {};
    const off = this.bus.on(projectChanged, ALL_PROJECTS, (notice) => {
      if (notice.kind === 'missed' || notice.payload.projectId === projectId) changed();
    });
    let isOver = false;
    void timer.then(() => {
      isOver = true;
    });
    try {
      for (;;) {
        const next = new Promise<void>((resolve) => (changed = resolve));
        const now = await read();
        if (now.status !== ProjectRefreshStatus.UNDER_WAY || isOver) return now;
        await Promise.race([next, timer]);
      }
    } finally {
      off();
      over.abort();
    }
  }
}

function whyNot(project: Project): Conflict | null {
  if (project.sourceKind === ProjectSourceKind.TEMPLATE) {
    return new Conflict('NO_SOURCE', 'This project was made new by Kosuke, so there is no source to ask for more.');
  }
  if (project.status !== ProjectStatus.READY || !project.runnerId) {
    return new Conflict('NOT_READY', 'This project is not ready yet. Wait until it is, or try to prepare it again.');
  }
  return null;
}
