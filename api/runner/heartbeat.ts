import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Run } from '../runs/run.entity.ts';
import { interruptRun, runsUnderWay } from '../runs/run-states.ts';
import { jobsOf } from './jobs.ts';

const BEAT_MS = 5_000;
/** After so long without a heartbeat a runner is taken for dead. */
const SILENT_SECONDS = 30;
const SWEEP_LOCK = 7_267_300_002;

/** Says that this runner lives, and looks after the runs of those that no longer do. */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly runnerId: string,
    /** Where apis in other processes reach this runner; null when there are none. */
    private readonly door: { address: string; token: string } | null,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO runners (id, heartbeat_at, started_at, pid, address, token) VALUES ($1, now(), now(), $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = now(), started_at = now(), pid = excluded.pid,
         address = excluded.address, token = excluded.token`,
      [this.runnerId, process.pid, this.door?.address ?? null, this.door?.token ?? null],
    );
    this.timer = setInterval(
      () => void this.beat().catch((err) => this.log.warn({ err }, 'The heartbeat failed')),
      BEAT_MS,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Runs this runner had under way when it was killed. Called before it takes new ones. */
  recover(): Promise<Run[]> {
    return this.interruptRunsOf(this.runnerId);
  }

  private async beat(): Promise<void> {
    await this.dataSource.query('UPDATE runners SET heartbeat_at = now() WHERE id = $1', [this.runnerId]);
    const silent = (await this.dataSource.query(
      `SELECT DISTINCT runner.id FROM runners AS runner JOIN runs AS run ON run.runner_id = runner.id
       WHERE run.status IN ('running', 'waiting_for_permission') AND runner.heartbeat_at < now() - make_interval(secs => $1)`,
      [SILENT_SECONDS],
    )) as { id: string }[];
    for (const { id } of silent) {
      this.log.warn({ runner: id }, 'A runner has gone silent; its runs are marked as interrupted');
      await this.interruptRunsOf(id);
    }
  }

  private interruptRunsOf(runnerId: string): Promise<Run[]> {
    return this.work.run(async (tx) => {
      // Whoever sweeps first does it for all.
      await tx.db.query('SELECT pg_advisory_xact_lock($1)', [SWEEP_LOCK]);
      await tx.db.query(
        `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by)) FROM graphile_worker.jobs
         WHERE locked_by IS NOT NULL AND task_identifier = ANY ($1) HAVING count(*) > 0`,
        [Object.values(jobsOf(runnerId))],
      );
      const runs = await runsUnderWay(tx, runnerId);
      for (const run of runs) await interruptRun(tx, run);
      return runs;
    });
  }
}
