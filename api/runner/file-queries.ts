import type { Git } from '../git/git.ts';
import type { SessionPlaces } from '../git/reads.ts';
import type { RunnerQueryHandlers, SessionFilesPlace } from '../runner-queries/runner-queries.ts';
import { rescuePrefix } from '../sessions/session-id.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';

type FileQueries = Pick<RunnerQueryHandlers, 'diffFiles' | 'diffFile' | 'listFolder' | 'readFile'>;

/** Looks at the files of sessions, in their workspaces and in the commits that the base repository keeps. */
export function fileQueries({ git, store }: { git: Git; store: WorkspaceStore }): FileQueries {
  const places = ({ projectId, sessionId, branch, baseBranch }: SessionFilesPlace): SessionPlaces => ({
    basePath: store.basePath(projectId),
    path: store.workspacePath(projectId, sessionId),
    branch,
    baseBranch,
    rescuePrefix: rescuePrefix(sessionId),
    freedPrefix: `${rescuePrefix(sessionId)}archive/`,
  });
  return {
    diffFiles: (input, signal) => git.diffFiles({ ...input, session: places(input.session) }, { signal }),
    diffFile: (input, signal) => git.diffFile({ ...input, session: places(input.session) }, { signal }),
    listFolder: (input, signal) => git.listFolder({ ...input, session: places(input.session) }, { signal }),
    readFile: (input, signal) => git.readFile({ ...input, session: places(input.session) }, { signal }),
  };
}
