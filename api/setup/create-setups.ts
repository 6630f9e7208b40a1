import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { Config } from '../config.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { Git } from '../git/git.ts';
import type { SandboxEngine } from '../sandbox/sandbox.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import type { ProjectEnvironment } from '../settings/project-environment.ts';
import type { OpenWorkspace, WorkspaceStore } from '../workspaces/workspace-store.ts';
import { Dependencies } from './dependencies.ts';
import { ProjectFiles } from './project-files.ts';
import { SetupCache } from './setup-cache.ts';
import { SetupExecutor } from './setup-executor.ts';
import { SetupSteps } from './setup-steps.ts';

interface Parts {
  config: Config;
  dataSource: DataSource;
  work: UnitOfWork;
  bus: EventBus;
  git: Git;
  store: WorkspaceStore;
  agents: AgentHost;
  sandbox: SandboxEngine;
  keyring: Keyring;
  environment: ProjectEnvironment;
  workspace(session: ChatSession): Promise<OpenWorkspace>;
  runnerId: string;
  log: Logger;
}

/** What carries out the setups of workspaces on a runner, put together. */
export function createSetups(parts: Parts): SetupExecutor {
  const { config, dataSource, work, bus, git, store, agents, sandbox, keyring, environment, runnerId, log } = parts;
  const cache = new SetupCache({
    maxBytes: config.setupCacheMegabytes * 2 ** 20,
    maxEntries: config.setupCaches,
    folderOf: (projectId) => store.cachesPath(projectId),
    discard: (path) => store.discard(path),
    onError: (err) => log.warn({ err }, 'Dependencies could not be kept or taken'),
  });
  const steps = new SetupSteps({
    ...{ dataSource, git, sandbox, environment, workspace: parts.workspace },
    files: new ProjectFiles(dataSource, keyring),
    dependencies: new Dependencies(dataSource, git, cache),
  });
  return new SetupExecutor(work, agents, steps, bus, runnerId, log);
}
