import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import { Conflict, InvalidInput } from '../graphql/user-error.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import type { OperationService } from '../operations/operation.service.ts';
import { Project } from '../projects/project.entity.ts';
import type { RunnerClient } from '../runner-queries/runner-client.ts';
import { type ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import type { Submodule } from './submodule.type.ts';
import { submoduleUrl } from './submodule-url.ts';

const PATH_MAX = 4_096;

/** The submodules of a session, and asking for their files. */
export class SubmoduleService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly operations: OperationService,
    private readonly runners: RunnerClient,
  ) {}

  async list({ projectId, id: sessionId, runnerId, headSha: sha }: ChatSession): Promise<Submodule[]> {
    if (!sha) return [];
    const project = await this.dataSource.manager.findOneByOrFail(Project, { id: projectId });
    const named = await this.runners.ask(runnerId, 'submodules', { projectId, sessionId, sha });
    return named.map(({ path, url, sha: pinned, isCheckedOut }) => {
      const address = submoduleUrl(url, project);
      const problem = address.ok ? null : address.message;
      return { path, url: address.ok ? address.url : url, sha: pinned, isCheckedOut, problem };
    });
  }

  checkOut(viewer: Viewer, chatSessionId: string, path: string) {
    const { CHECK_OUT_SUBMODULE } = WorkspaceOperationKind;
    return this.operations.request(viewer, chatSessionId, CHECK_OUT_SUBMODULE, (_, session) => {
      if (path.length > PATH_MAX) return new InvalidInput('path', 'This is longer than a path can be.');
      return session.status === ChatSessionStatus.ACTIVE
        ? { path }
        : new Conflict('SESSION_NOT_ACTIVE', `This chat is ${session.status}. Bring it back first.`);
    });
  }
}
