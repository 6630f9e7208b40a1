import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { InvalidInput, NotFound, UserError } from '../graphql/user-error.ts';
import type { Project } from '../projects/project.entity.ts';
import { ALL_PROJECTS, projectChanged } from '../projects/project.events.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { type Keyring, SecretUnreadable } from '../secrets/keyring.ts';
import { ProjectFile, projectFileSeal } from './project-file.entity.ts';
import { noSetup, ProjectSetup } from './project-setup.entity.ts';
import type { SetProjectFileInput, UpdateProjectSetupInput } from './setup.inputs.ts';
import { checkSetup } from './setup-rules.ts';
import { whyNoWorkspacePath } from './workspace-file-path.ts';

export const FILES_MAX = 100;
const FILE_MAX_BYTES = 262_144;
const FILES_TOTAL_MAX_BYTES = 4 * 2 ** 20;

const notFound = () => new NotFound('This project does not exist, or is not yours.');

/** What projects say about the setup of their workspaces, and the files they give them. */
export class ProjectSetupService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly projects: ProjectService,
    private readonly keyring: Keyring,
  ) {}

  async of(projectId: number): Promise<ProjectSetup> {
    return (await this.dataSource.manager.findOneBy(ProjectSetup, { projectId })) ?? noSetup(projectId);
  }

  files(projectId: number): Promise<ProjectFile[]> {
    return this.dataSource.manager.find(ProjectFile, { where: { projectId }, order: { path: 'ASC' } });
  }

  /** Null for a secret one, and when the key it was sealed with is not here. */
  readableContent(file: ProjectFile): string | null {
    if (file.isSecret) return null;
    try {
      return this.keyring.open(file.sealedContent, projectFileSeal(file));
    } catch (error) {
      if (error instanceof SecretUnreadable) return null;
      throw error;
    }
  }

  update(viewer: Viewer, input: UpdateProjectSetupInput): Promise<ProjectSetup | InvalidInput | NotFound> {
    return this.change(viewer, input.projectId, async (tx, project) => {
      const invalid = checkSetup(viewer, project, input);
      if (invalid) return invalid;
      const now = (await tx.db.findOneBy(ProjectSetup, { projectId: project.id })) ?? noSetup(project.id);
      if (input.script !== undefined) now.script = input.script?.trim() ? input.script.replaceAll('\r\n', '\n') : null;
      now.runsRepositoryScript = input.runsRepositoryScript ?? now.runsRepositoryScript;
      now.timeoutSeconds = input.timeoutSeconds ?? now.timeoutSeconds;
      now.copiedFiles = input.copiedFiles ?? now.copiedFiles;
      now.cachedFolders = input.cachedFolders ?? now.cachedFolders;
      now.updatedAt = new Date();
      await tx.db.upsert(ProjectSetup, now, ['projectId']);
      return now;
    });
  }

  setFile(
    viewer: Viewer,
    { projectId, path, content, isSecret }: SetProjectFileInput,
  ): Promise<ProjectFile | InvalidInput | NotFound> {
    return this.change(viewer, projectId, async (tx, project) => {
      const reason = whyNoWorkspacePath(path);
      if (reason) return new InvalidInput('path', reason);
      const size = Buffer.byteLength(content);
      if (size > FILE_MAX_BYTES) return new InvalidInput('content', 'A file has at most 256 kB.');
      if (content.includes('\0') || !content.isWellFormed()) {
        return new InvalidInput('content', 'A file has to be text, without NUL characters.');
      }
      const full = await whyFull(tx, project, path, size);
      if (full) return full;
      const place = { projectId: project.id, path };
      const sealedContent = this.keyring.seal(content, projectFileSeal(place));
      const file = { ...place, sealedContent, size, isSecret, updatedAt: new Date() };
      await tx.db.upsert(ProjectFile, file, ['projectId', 'path']);
      return tx.db.findOneByOrFail(ProjectFile, place);
    });
  }

  deleteFile(viewer: Viewer, projectId: string, path: string): Promise<{ path: string } | NotFound> {
    return this.change(viewer, projectId, async (tx, project) => {
      const { affected } = await tx.db.delete(ProjectFile, { projectId: project.id, path });
      return affected ? { path } : new NotFound('This project has no file at this path.');
    });
  }

  /** Under the lock of the project, so that two at once cannot pass its limits together. */
  private change<T>(
    viewer: Viewer,
    projectId: string,
    change: (tx: Transaction, project: Project) => Promise<T>,
  ): Promise<T | NotFound> {
    return this.work.run(async (tx) => {
      const project = await this.projects.find(viewer, projectId, tx.db);
      if (!project) return notFound();
      await tx.db.query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [project.id]);
      const result = await change(tx, project);
      if (!(result instanceof UserError)) {
        tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'updated' });
      }
      return result;
    });
  }
}

async function whyFull(
  tx: Transaction,
  { id }: Project,
  path: string,
  size: number,
): Promise<InvalidInput | undefined> {
  const [others] = (await tx.db.query(
    'SELECT count(*)::int AS count, coalesce(sum(size), 0)::int AS bytes FROM project_files WHERE project_id = $1 AND path <> $2',
    [id, path],
  )) as [{ count: number; bytes: number }];
  if (others.count >= FILES_MAX) {
    return new InvalidInput('path', `A project has at most ${FILES_MAX} files for its workspaces. Delete one first.`);
  }
  return others.bytes + size > FILES_TOTAL_MAX_BYTES
    ? new InvalidInput('content', 'All files of a project for its workspaces together have at most 4 MB.')
    : undefined;
}
