import type { DataSource } from 'typeorm';
import { Project, ProjectSourceKind } from '../projects/project.entity.ts';
import { type Keyring, SecretUnreadable } from '../secrets/keyring.ts';
import type { GivenFile } from './given-files.ts';
import { ProjectFile, projectFileSeal } from './project-file.entity.ts';
import { readSourceFiles } from './source-files.ts';

/** For the runner: the files a project gives its workspaces, those of its settings and those of its local folder. */
export class ProjectFiles {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** A file of the settings goes before one of the folder. `problems` has a sentence for each that cannot be had. */
  async of(projectId: number, patterns: string[]): Promise<{ files: GivenFile[]; problems: string[] }> {
    const problems: string[] = [];
    const files = new Map<string, GivenFile>();
    const project = await this.dataSource.manager.findOneBy(Project, { id: projectId });
    if (project?.source && project.sourceKind === ProjectSourceKind.LOCAL_PATH && patterns.length > 0) {
      const found = await readSourceFiles(project.source, patterns);
      for (const file of found.files) files.set(file.path, file);
      problems.push(...found.problems);
    }
    for (const file of await this.dataSource.manager.findBy(ProjectFile, { projectId })) {
      try {
        const content = Buffer.from(this.keyring.open(file.sealedContent, projectFileSeal(file)));
        files.set(file.path, { path: file.path, content, mode: file.isSecret ? 0o600 : 0o644 });
      } catch (error) {
        if (!(error instanceof SecretUnreadable)) throw error;
        problems.push(`${file.path} was left out. ${error.message}`);
      }
    }
    return { files: [...files.values()], problems };
  }
}
