import type { DataSource } from 'typeorm';
import type { AgentHost } from '../agents/agent.ts';
import type { Git } from '../git/git.ts';
import { type OperationContext, OperationFailed } from '../operations/operation-handler.ts';
import { Project } from '../projects/project.entity.ts';
import type { Preparation } from '../runner/preparation.ts';
import type { UrlCheck } from '../runner/project-refresher.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import { submoduleUrl } from './submodule-url.ts';

export interface SubmoduleCheckoutParts {
  dataSource: DataSource;
  git: Git;
  store: WorkspaceStore;
  agents: AgentHost;
  preparation: Preparation;
  checkUrl: UrlCheck;
}

/** Fetches submodules, once a project, and puts their files into workspaces. */
export class SubmoduleCheckout {
  constructor(private readonly parts: SubmoduleCheckoutParts) {}

  async checkOut({ operation, session, signal, report }: OperationContext): Promise<Record<string, unknown>> {
    const { dataSource, git, store, agents, preparation, checkUrl } = this.parts;
    const folder = String(operation.input.path);
    const { path, basePath, headSha } = await preparation.workspace(session);
    const named = headSha ? await git.submodules({ basePath, sha: headSha, path }, { signal }) : [];
    const submodule = named.find((one) => one.path === folder);
    if (!submodule) {
      throw new OperationFailed('NOT_FOUND', `The newest commit of this chat has no submodule at "${folder}".`);
    }
    const project = await dataSource.manager.findOneByOrFail(Project, { id: session.projectId });
    const address = submoduleUrl(submodule.url, project);
    if (!address.ok) throw new OperationFailed('SUBMODULE_REFUSED', address.message);
    const checked = await checkUrl(address.url);
    if (!checked.ok) throw new OperationFailed(checked.code, checked.message);
    // Nobody writes in the workspace while folders are made in it.
    await agents.end(session.id);
    const { url } = checked;
    const place = async (isFresh: boolean) => {
      const module = { projectId: session.projectId, url, isFresh };
      const modulePath = await store.ensureModule(module, { signal, onProgress: report });
      return git.placeSubmodule({ modulePath, sha: submodule.sha, path, folder }, { signal });
    };
    let placed = await place(false);
    // It was fetched before that commit was made.
    if (placed.kind === 'no-commit') placed = await place(true);
    if (placed.kind === 'no-commit') {
      throw new OperationFailed(
        'NOT_FOUND',
        `The repository of the submodule has no branch or tag with the commit ${submodule.sha.slice(0, 12)}, which is pinned here.`,
      );
    }
    return { keptPaths: placed.keptPaths.slice(0, 100) };
  }
}
