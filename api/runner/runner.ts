import { setTimeout as delay } from 'node:timers/promises';
import { run, type Runner as Worker, Logger as WorkerLogger } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import { runStopRequested } from '../runs/run.events.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import type { BranchWatch } from './branch-watch.ts';
import type { Heartbeat } from './heartbeat.ts';
import {
  jobsOf,
  type OperationJob,
  type PrepareProjectJob,
  type PrepareWorkspaceJob,
  type PurgeProjectJob,
  type PurgeSessionJob,
  type RefreshProjectJob,
  type RunJob,
} from './jobs.ts';
import type { OperationExecutor } from './operation-executor.ts';
import { NotPrepared, type Preparation } from './preparation.ts';
import type { ProjectRefresher } from './project-refresher.ts';
import type { Purge } from './purge.ts';
import type { Reconciler } from './reconciler.ts';
import { resumePreparations } from './resumption.ts';
import type { RunExecutor } from './run-executor.ts';

/** How long jobs may take to end by themselves. */
const STOP_MS = 6_000;

/** Beside runs, so many preparations may be under way. */
const PREPARATIONS = 4;

interface RunnerParts {
  runnerId: string;
  databaseUrl: string;
  maxRunningTurns: number;
  dataSource: DataSource;
  work: UnitOfWork;
  bus: EventBus;
  heartbeat: Heartbeat;
  preparation: Preparation;
  refresher: ProjectRefresher;
  executor: RunExecutor;
  operations: OperationExecutor;
  branches: BranchWatch;
  purge: Purge;
  reconciler: Reconciler;
  log: Logger;
}

/** Takes the jobs of this runner from the queue, one at a time per session, until it is stopped. */
export class JobRunner {
  private worker: Worker | undefined;
  private pool: pg.Pool | undefined;
  private off: (() => void) | undefined;

  constructor(private readonly parts: RunnerParts) {}

  async start(): Promise<void> {
    const { runnerId, databaseUrl, maxRunningTurns, work, bus, heartbeat, executor, log } = this.parts;
    const { operations, refresher, purge, reconciler } = this.parts;
    const interrupted = await heartbeat.recover();
    await heartbeat.start();
    await resumePreparations(work, runnerId);
    await reconciler.run();
    this.off = bus.on(runStopRequested, runnerId, (notice) => {
      if (notice.kind === 'event') executor.stop(notice.payload.runId);
    });
    for (const lost of interrupted) {
      await executor
        .commitLeftovers(lost)
        .catch((err) => log.warn({ err, run: lost.id }, 'Leftovers could not be committed'));
    }
    await executor.takeBackRemains().catch((err) => log.warn({ err }, 'Files of an update could not be taken back'));
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: 6, application_name: 'kosuke-runner' });
    const broken = (err: Error) => log.warn({ err }, 'A connection of the job queue broke');
    this.pool.on('error', broken);
    this.pool.on('connect', (client) => client.on('error', broken));
    const jobs = jobsOf(runnerId);
    this.worker = await run({
      pgPool: this.pool,
      concurrency: maxRunningTurns + PREPARATIONS,
      noHandleSignals: true,
      pollInterval: 2_000,
      logger: new WorkerLogger(() => (level, message) => log.debug({ level }, message)),
      taskList: {
        [jobs.prepareProject]: (payload) => this.prepareProject(payload as PrepareProjectJob),
        [jobs.refreshProject]: (payload) => refresher.execute((payload as RefreshProjectJob).refreshId),
        [jobs.prepareWorkspace]: (payload) => this.prepareWorkspace(payload as PrepareWorkspaceJob),
        [jobs.run]: (payload) => executor.execute((payload as RunJob).runId),
        [jobs.purgeSession]: (payload) => purge.session((payload as PurgeSessionJob).sessionKey),
        [jobs.purgeProject]: (payload) => purge.project((payload as PurgeProjectJob).projectId),
        [jobs.operation]: (payload) => operations.execute((payload as OperationJob).operationId),
      },
    });
    this.worker.events.on('job:complete', () => this.wakeNext());
  }

  /** The next job of a session waits in the same queue, and is told of by nothing but the end of the one before. */
  private wakeNext(): void {
    this.pool?.query(`SELECT pg_notify('jobs:insert', '{"count":1}')`).catch(() => undefined);
  }

  /** Runs under way are interrupted; what they said and wrote is kept. */
  async stop(): Promise<void> {
    const { executor, operations, heartbeat } = this.parts;
    this.off?.();
    executor.stopAll();
    operations.stopAll();
    // A clone can take long; the git processes are ended right after this, and it is begun anew at the next start.
    await Promise.race([this.worker?.stop().catch(() => undefined), delay(STOP_MS, undefined, { ref: false })]);
    heartbeat.stop();
    await this.pool?.end();
  }

  private async prepareProject({ projectId }: PrepareProjectJob): Promise<void> {
    await this.parts.preparation.project(projectId).catch((error) => this.note(error, { project: projectId }));
  }

  private async prepareWorkspace({ sessionKey }: PrepareWorkspaceJob): Promise<void> {
    const session = await this.parts.dataSource.manager.findOneBy(ChatSession, { key: sessionKey });
    if (!session || session.deletedAt) return;
    await this.parts.preparation.workspace(session).catch((error) => this.note(error, { session: session.id }));
    this.parts.branches.check(sessionKey);
  }

  /** What could not be prepared is written where people see it; the log keeps the cause. */
  private note(error: unknown, about: Record<string, unknown>): void {
    if (!(error instanceof NotPrepared)) throw error;
    this.parts.log.warn({ ...about, err: error.cause ?? error }, error.message);
  }
}
