import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export const TIMEOUT_DEFAULT_SECONDS = 600;

/** Folders that package managers fill, and that are worth keeping for the next workspace. */
export const CACHED_FOLDERS_DEFAULT = ['node_modules', '.venv', 'vendor', 'target'];

/** Where a repository may keep a setup script of its own. */
export const REPOSITORY_SCRIPT = '.kosuke/setup.sh';

@Entity('project_setups')
@ObjectType({ description: 'How the workspaces of a project are set up after they are made.' })
export class ProjectSetup {
  @PrimaryColumn('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text', { nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'The setup script, run by bash in the sandbox; it ends at the first command that fails.',
  })
  script!: string | null;

  @Column('boolean', { name: 'runs_repository_script', default: false })
  @Field(() => Boolean, {
    description: `Whether, without a script of its own, the project runs ${REPOSITORY_SCRIPT} as it is on the base branch of a chat.`,
  })
  runsRepositoryScript!: boolean;

  @Column('integer', { name: 'timeout_seconds', default: TIMEOUT_DEFAULT_SECONDS })
  @Field(() => Int, { description: 'After so many seconds the script and all it started are ended.' })
  timeoutSeconds!: number;

  @Column('text', { name: 'copied_files', array: true })
  @Field(() => [String], {
    description:
      'Paths and patterns of files that a new workspace gets from the folder the project was added from; at most 50.',
  })
  copiedFiles!: string[];

  @Column('text', { name: 'cached_folders', array: true })
  @Field(() => [String], {
    description:
      'Names of folders with dependencies, at most 20: what the setup makes under these names is kept for the next workspace with the same lock files.',
  })
  cachedFolders!: string[];

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}

/** What a project has that never said anything about its setup. */
export function noSetup(projectId: number): ProjectSetup {
  return Object.assign(new ProjectSetup(), {
    projectId,
    script: null,
    runsRepositoryScript: false,
    timeoutSeconds: TIMEOUT_DEFAULT_SECONDS,
    copiedFiles: [],
    cachedFolders: CACHED_FOLDERS_DEFAULT,
  });
}
