/** The names of a runner's jobs. A workspace lies on one runner's disk, so each runner has names of its own. */
export function jobsOf(runnerId: string) {
  return {
    prepareProject: `prepare-project:${runnerId}`,
    refreshProject: `refresh-project:${runnerId}`,
    prepareWorkspace: `prepare-workspace:${runnerId}`,
    run: `run:${runnerId}`,
    operation: `operate:${runnerId}`,
    purgeSession: `purge-session:${runnerId}`,
    purgeProject: `purge-project:${runnerId}`,
  } as const;
}

export interface PrepareProjectJob {
  projectId: number;
}

export interface RefreshProjectJob {
  refreshId: number;
}

export interface PrepareWorkspaceJob {
  sessionKey: number;
}

export interface OperationJob {
  operationId: number;
}

export interface RunJob {
  runId: number;
}

export interface PurgeSessionJob {
  sessionKey: number;
}

export interface PurgeProjectJob {
  projectId: number;
}
