import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type Logger, pino } from 'pino';
import type { DataSource } from 'typeorm';
import type { AgentHost } from './agents/agent.ts';
import { createAgentHost } from './agents/agent-host.ts';
import { Authentication, type Identity } from './auth/authentication.ts';
import { ensureOwner } from './auth/owner.ts';
import { SignInLinks } from './auth/sign-in-links.ts';
import { BaseUpdateService } from './base-updates/base-update.service.ts';
import { BaseUpdater } from './base-updates/base-updater.ts';
import { BranchStatusService } from './branch-status/branch-status.service.ts';
import type { Config } from './config.ts';
import type { RequestContext, ServerFacts } from './context.ts';
import { openDatabase } from './database/data-source.ts';
import { startEmbeddedPostgres } from './database/embedded-postgres.ts';
import { migrate } from './database/migrate.ts';
import { UnitOfWork } from './database/unit-of-work.ts';
import { EventBus } from './events/event-bus.ts';
import { FileService } from './files/file.service.ts';
import { createGit } from './git/git-processes.ts';
import { createHttpServer } from './http/http-server.ts';
import { LifecycleService } from './lifecycle/lifecycle.service.ts';
import type { LifecycleSettings } from './lifecycle/lifecycle.settings.ts';
import { ProjectLifecycleService } from './lifecycle/project-lifecycle.service.ts';
import { createLoaders } from './loaders.ts';
import { MessageService } from './messages/message.service.ts';
import { SessionFeeds } from './messages/session-feed.ts';
import { OperationService } from './operations/operation.service.ts';
import { ProjectRefreshService } from './project-refreshes/project-refresh.service.ts';
import { ProjectService } from './projects/project.service.ts';
import { RepositoryNoticeService } from './repository-notices/repository-notice.service.ts';
import { Archive } from './runner/archive.ts';
import { BranchChecks } from './runner/branch-checks.ts';
import { BranchWatch } from './runner/branch-watch.ts';
import type { Checkpoint } from './runner/checkpoint.ts';
import { Heartbeat } from './runner/heartbeat.ts';
import { Housekeeping } from './runner/housekeeping.ts';
import { OperationExecutor } from './runner/operation-executor.ts';
import { operationHandlers } from './runner/operation-handlers.ts';
import { Preparation } from './runner/preparation.ts';
import { ProjectRefresher } from './runner/project-refresher.ts';
import { Purge } from './runner/purge.ts';
import { queryHandlers } from './runner/query-handlers.ts';
import { Reconciler, readReconciliations } from './runner/reconciler.ts';
import { RunExecutor } from './runner/run-executor.ts';
import { JobRunner } from './runner/runner.ts';
import { runnerIdOf } from './runner/runner-id.ts';
import { RunnerClient } from './runner-queries/runner-client.ts';
import type { RunnerQueryHandlers } from './runner-queries/runner-queries.ts';
import { startRunnerServer } from './runner-queries/runner-server.ts';
import { RunService } from './runs/run.service.ts';
import { chooseSandbox } from './sandbox/choose-sandbox.ts';
import type { SandboxEngine } from './sandbox/sandbox.ts';
import { createSchema } from './schema.ts';
import type { Keyring } from './secrets/keyring.ts';
import { openKeyring } from './secrets/open-keyring.ts';
import type { ChatSession } from './sessions/session.entity.ts';
import { SessionService } from './sessions/session.service.ts';
import { EnvironmentService } from './settings/environment.service.ts';
import { environmentSealedColumn } from './settings/environment-seal.ts';
import { ProjectEnvironment } from './settings/project-environment.ts';
import { createSetups } from './setup/create-setups.ts';
import { projectFilesSealedColumn } from './setup/project-file.entity.ts';
import { ProjectSetupService } from './setup/project-setup.service.ts';
import { SetupNotices } from './setup/setup-notices.ts';
import { SetupRunService } from './setup/setup-run.service.ts';
import { SubmoduleService } from './submodules/submodule.service.ts';
import { SubmoduleCheckout } from './submodules/submodule-checkout.ts';
import { DuplicationService } from './time-travel/duplication.service.ts';
import { TimeTravelService } from './time-travel/time-travel.service.ts';
import { TimeTraveller } from './time-travel/time-traveller.ts';
import { checkCloneUrl, checkLocalPath } from './workspaces/clone-url.ts';
import type { PoolSettings } from './workspaces/pool.ts';
import { WorkspaceStore } from './workspaces/workspace-store.ts';

export interface App {
  /** Where it answers: http://127.0.0.1:4000. Empty when this process only runs agents. */
  url: string;
  /** Makes a link that signs the owner in, once. */
  createSignInLink(): Promise<string>;
  /** Interrupts what runs, keeps what was said and written, and frees everything. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Told what is being done, for the person who waits. */
  onStep?: (step: string) => void;
  /** Gives up a start that is not done yet. */
  signal?: AbortSignal;
  /** Told of the steps of what survives being cut off; tests end the program there. */
  checkpoint?: Checkpoint;
}

/** Makes every service and hands it its parts. `npm start` and the tests both come in here. */
export async function startApp(
  config: Config,
  { onStep = () => {}, signal, checkpoint = () => {} }: StartOptions = {},
): Promise<App> {
  const log = createLog(config.logLevel);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse())
      await end().catch((err) => log.warn({ err }, 'Something did not stop cleanly'));
  };
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    const databaseUrl = config.databaseUrl ?? (await startDatabase(config, onStep, stops, signal));
    onStep('Bringing the database up to date');
    const dataSource = await openDatabase({
      url: databaseUrl,
      poolSize: 20,
      onProblem: (err) => log.warn({ err }, 'The database connection broke'),
    });
    stops.push(() => dataSource.destroy());
    await migrate(dataSource);
    await ensureOwner(dataSource);
    const keyring = await openKeyring({
      dataSource,
      dataDir: config.dataDir,
      keys: config.secretsKeys ?? null,
      sealedColumns: [environmentSealedColumn, projectFilesSealedColumn],
    });

    const work = new UnitOfWork(dataSource);
    const bus = new EventBus(databaseUrl, (err) => log.warn({ err }, 'The event connection broke; trying again'));
    await bus.start();
    stops.push(() => bus.close());

    const sandbox = await chooseSandbox({ unsafeNoSandbox: config.unsafeNoSandbox });
    const agents = createAgentHost({ sandbox, idleMs: config.agentIdleSeconds * 1_000 });
    stops.push(() => agents.close());

    const runners = new RunnerClient(dataSource);
    let url = '';
    let ready = () => {};
    const signInLinks = new SignInLinks(dataSource);
    if (config.role !== 'runner') {
      onStep('Starting the api');
      const http = await createHttpServer({
        config,
        schema: await createSchema(),
        authentication: new Authentication(dataSource, config.ownerToken),
        signInLinks,
        makeContext: contextMaker({ config, dataSource, work, bus, runners, agents, sandbox, keyring }),
        logger: log,
      });
      stops.push(() => http.close());
      url = await http.listen();
      ready = http.ready;
    }
    if (config.role !== 'api') {
      onStep('Starting the runner');
      stops.push(
        await startRunner({
          ...{ config, databaseUrl, dataSource, work, bus, runners, agents, sandbox, keyring, log, checkpoint },
        }),
      );
    }
    ready();
    return { url, createSignInLink: () => signInLinks.create(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDatabase(
  config: Config,
  onStep: (step: string) => void,
  stops: (() => Promise<void>)[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, onStep, ...(signal ? { signal } : {}) });
  stops.push(() => postgres.stop());
  return postgres.url();
}

interface Ground {
  config: Config;
  dataSource: DataSource;
  work: UnitOfWork;
  bus: EventBus;
  runners: RunnerClient;
  agents: AgentHost;
  sandbox: SandboxEngine;
  keyring: Keyring;
}

/** The part that holds workspaces and runs agents. Gives back what ends it. */
async function startRunner({
  config,
  databaseUrl,
  dataSource,
  work,
  bus,
  runners,
  agents,
  sandbox,
  keyring,
  log,
  checkpoint,
}: Ground & { databaseUrl: string; log: Logger; checkpoint: Checkpoint }) {
  const runnerId = await runnerIdOf(config.dataDir);
  const git = createGit();
  const store = new WorkspaceStore({
    dataDir: config.dataDir,
    git,
    pool: { git: createGit({ processes: 1, niceness: 19, idleMs: 5_000 }), settings: poolSettings(config) },
    onError: (err) => log.warn({ err }, 'Something could not be done in the background'),
    checkpoint,
  });
  await store.start();
  const checks = new BranchChecks({ dataSource, work, git, store, agents });
  const branches = new BranchWatch({ runnerId, dataSource, bus, agents, store, checks, log });
  const queries = queryHandlers({ git, store, branches });
  runners.answerHere(runnerId, queries);
  const door = config.role === 'runner' ? await openDoor(config, queries, log) : null;
  const heartbeat = new Heartbeat(dataSource, work, runnerId, door, log);
  const preparation = new Preparation(dataSource, work, git, store);
  const checkUrl = (url: string) => checkCloneUrl(url, { allowPrivate: config.allowPrivateAddresses });
  const refresher = new ProjectRefresher(dataSource, work, store, preparation, checkUrl, log);
  const submoduleCheckout = new SubmoduleCheckout({ dataSource, git, store, agents, preparation, checkUrl });
  const environment = new ProjectEnvironment(dataSource, keyring);
  const baseUpdater = new BaseUpdater({ dataSource, work, git, agents, preparation, checkpoint });
  const executor = new RunExecutor(
    dataSource,
    work,
    git,
    agents,
    preparation,
    environment,
    new SetupNotices(dataSource),
    branches,
    baseUpdater,
    runnerId,
    log,
  );
  const workspace = (session: ChatSession) => preparation.workspace(session);
  const setups = createSetups({
    ...{ config, dataSource, work, bus, git, store, agents, sandbox, keyring, environment, workspace, runnerId, log },
  });
  const timeTraveller = new TimeTraveller({ dataSource, work, git, store, agents, preparation, checkpoint });
  const { archiveKeepMb: keepMb, maxRunningTurns, dataDir } = config;
  const archive = new Archive({ git, store, agents, preparation, work, keepMb, checkpoint });
  const operations = new OperationExecutor(
    dataSource,
    work,
    operationHandlers({
      ...{ git, store, preparation, timeTraveller, baseUpdater, submoduleCheckout, archive },
      setup: (context) => setups.execute(context),
    }),
    branches,
    log,
  );
  const runner = new JobRunner({
    runnerId,
    databaseUrl,
    maxRunningTurns,
    dataSource,
    work,
    bus,
    heartbeat,
    preparation,
    refresher,
    executor,
    operations,
    branches,
    purge: new Purge({ dataSource, git, store, agents, checkpoint, log }),
    reconciler: new Reconciler({ dataDir, dataSource, git, store, runnerId, log }),
    log,
  });
  const asked = new OperationService(dataSource, work, bus);
  const housekeeping = new Housekeeping(dataSource, work, asked, lifecycleSettings(config), runnerId, log);
  await runner.start();
  await branches.start();
  housekeeping.start();
  return async () => {
    housekeeping.stop();
    await door?.close();
    await runner.stop();
    await branches.close();
    setups.close();
    await store.close();
    await git.close();
  };
}

/** Repositories with fewer files are written as fast as a spare is handed over. */
const SPARES_FROM_FILES = 300;

function poolSettings(config: Config): PoolSettings {
  const megabyte = 1024 * 1024;
  return {
    sparesPerProject: config.spareWorkspaces,
    fromFiles: SPARES_FROM_FILES,
    minFreeBytes: config.sparesMinFreeMb * megabyte,
    maxBytes: config.sparesMaxMb * megabyte,
    idleMs: config.spareIdleDays * 24 * 60 * 60 * 1_000,
  };
}

function lifecycleSettings({ trashDays, archiveHours, retentionDays, idleDays }: Config): LifecycleSettings {
  return { trashDays, archiveHours, retentionDays, idleDays };
}

/** Where apis in other processes ask this runner about its workspaces. */
async function openDoor({ runnerHost, runnerPort }: Config, handlers: RunnerQueryHandlers, log: Logger) {
  const token = randomBytes(32).toString('base64url');
  const onProblem = (err: unknown, query: string) =>
    log.error({ err, query }, 'A question of an api could not be answered');
  return { token, ...(await startRunnerServer({ host: runnerHost, port: runnerPort, token, handlers, onProblem })) };
}

/** What a request carries, made for each one. */
function contextMaker({ config, dataSource, work, bus, runners, agents, sandbox, keyring }: Ground) {
  const projects = new ProjectService(dataSource, work, bus, {
    url: (url) => checkCloneUrl(url, { allowPrivate: config.allowPrivateAddresses }),
    path: (path) => checkLocalPath(path, { dataDir: config.dataDir }),
  });
  const projectRefreshes = new ProjectRefreshService(dataSource, work, bus, projects);
  const runs = new RunService(dataSource, work);
  const operations = new OperationService(dataSource, work, bus);
  const setups = new SetupRunService(dataSource, work, bus, operations);
  const sessions = new SessionService(dataSource, work, bus, projects, runs, setups, agents.agents());
  const repositoryNotices = new RepositoryNoticeService(runners);
  const environment = new EnvironmentService(dataSource, work, projects, keyring);
  const branchStatuses = new BranchStatusService(dataSource, bus, runners, sessions);
  const projectSetups = new ProjectSetupService(dataSource, work, projects, keyring);
  const files = new FileService(dataSource, runners);
  const timeTravel = new TimeTravelService(dataSource, operations);
  const lifecycle = new LifecycleService(work, projects, runs, operations, setups, lifecycleSettings(config));
  const projectLifecycle = new ProjectLifecycleService(work, runs);
  const messages = new MessageService(dataSource, work, runs, new SessionFeeds(dataSource.manager, bus));
  const baseUpdates = new BaseUpdateService(dataSource, work, operations, messages, runners);
  const submodules = new SubmoduleService(dataSource, operations, runners);
  const server: ServerFacts = {
    version: readVersion(),
    agents: agents.agents(),
    sandbox: async () => {
      const check = await sandbox.check();
      return {
        engine: sandbox.name,
        available: check.available,
        message: check.available ? null : check.message,
        isUnsafe: config.unsafeNoSandbox,
      };
    },
    reconciliations: () => readReconciliations(dataSource),
  };
  return ({ viewer, signOut }: Identity): RequestContext => ({
    // Without a viewer only the fields that need none are let through (graphql/signed-in.ts).
    viewer: viewer as RequestContext['viewer'],
    signOut,
    loaders: createLoaders(dataSource, viewer?.id ?? ''),
    projects,
    projectRefreshes,
    sessions,
    messages,
    runs,
    repositoryNotices,
    operations,
    files,
    timeTravel,
    baseUpdates,
    duplication: new DuplicationService(work, setups),
    submodules,
    environment,
    branchStatuses,
    projectSetups,
    setups,
    lifecycle,
    projectLifecycle,
    server,
  });
}

/** Errors of libraries drag whole connections along; what is logged of them is only what says what happened. */
function createLog(level: string): Logger {
  return pino({
    level,
    serializers: {
      err: ({ name, message, stack, code }: Error & { code?: string }) => ({ name, message, stack, code }),
    },
  });
}

function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Sources lie one folder below it, the build two.
    }
  }
  return 'unknown';
}
