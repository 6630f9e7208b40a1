import type { AgentDescription } from './agents/agent.ts';
import type { Viewer } from './auth/viewer.ts';
import type { BaseUpdateService } from './base-updates/base-update.service.ts';
import type { BranchStatusService } from './branch-status/branch-status.service.ts';
import type { FileService } from './files/file.service.ts';
import type { LifecycleService } from './lifecycle/lifecycle.service.ts';
import type { ProjectLifecycleService } from './lifecycle/project-lifecycle.service.ts';
import type { Loaders } from './loaders.ts';
import type { MessageService } from './messages/message.service.ts';
import type { OperationService } from './operations/operation.service.ts';
import type { ProjectRefreshService } from './project-refreshes/project-refresh.service.ts';
import type { ProjectService } from './projects/project.service.ts';
import type { RepositoryNoticeService } from './repository-notices/repository-notice.service.ts';
import type { Reconciliation } from './runner/reconciliation.type.ts';
import type { RunService } from './runs/run.service.ts';
import type { SessionService } from './sessions/session.service.ts';
import type { EnvironmentService } from './settings/environment.service.ts';
import type { ProjectSetupService } from './setup/project-setup.service.ts';
import type { SetupRunService } from './setup/setup-run.service.ts';
import type { SubmoduleService } from './submodules/submodule.service.ts';
import type { DuplicationService } from './time-travel/duplication.service.ts';
import type { TimeTravelService } from './time-travel/time-travel.service.ts';

/** What every request and every operation of a socket carries. */
export interface RequestContext {
  /** Who asks. Every operation but `viewer` is refused before it gets here when it is nobody (signed-in.ts). */
  viewer: Viewer;
  loaders: Loaders;
  projects: ProjectService;
  projectRefreshes: ProjectRefreshService;
  sessions: SessionService;
  messages: MessageService;
  runs: RunService;
  repositoryNotices: RepositoryNoticeService;
  operations: OperationService;
  files: FileService;
  timeTravel: TimeTravelService;
  baseUpdates: BaseUpdateService;
  duplication: DuplicationService;
  submodules: SubmoduleService;
  environment: EnvironmentService;
  branchStatuses: BranchStatusService;
  projectSetups: ProjectSetupService;
  setups: SetupRunService;
  lifecycle: LifecycleService;
  projectLifecycle: ProjectLifecycleService;
  server: ServerFacts;
  /** Ends the login the request came with; true when there was one. */
  signOut(): Promise<boolean>;
}

/** What this server is and can do, for the one who is signed in. */
export interface ServerFacts {
  version: string;
  agents: AgentDescription[];
  sandbox(): Promise<{ engine: string; available: boolean; message: string | null; isUnsafe: boolean }>;
  reconciliations(): Promise<Reconciliation[]>;
}
