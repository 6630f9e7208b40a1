import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

export enum ProjectStatus {
  PREPARING = 'preparing',
  READY = 'ready',
  FAILED = 'failed',
}

registerEnumType(ProjectStatus, {
  name: 'ProjectStatus',
  description: 'Whether the base repository of a project is there.',
  valuesConfig: {
    PREPARING: { description: 'It is being cloned or made; see `progress`.' },
    READY: { description: 'Sessions can be started from it.' },
    FAILED: { description: 'It could not be made; `statusMessage` says why, `retryProject` tries again.' },
  },
});

export enum ProjectSourceKind {
  LOCAL_PATH = 'path',
  GIT_URL = 'url',
  TEMPLATE = 'template',
}

registerEnumType(ProjectSourceKind, {
  name: 'ProjectSourceKind',
  description: 'Where the repository of a project came from.',
  valuesConfig: {
    LOCAL_PATH: { description: "A repository on the server's own disk." },
    GIT_URL: { description: 'Any repository reached over https.' },
    TEMPLATE: { description: 'Made new by Kosuke.' },
  },
});

export enum ProjectTemplate {
  EMPTY = 'EMPTY',
  STATIC_WEB_PAGE = 'STATIC_WEB_PAGE',
}

registerEnumType(ProjectTemplate, {
  name: 'ProjectTemplate',
  description: 'What a new project starts with.',
  valuesConfig: {
    EMPTY: { description: 'A README and nothing else.' },
    STATIC_WEB_PAGE: { description: 'A small web page: one HTML file and one style sheet.' },
  },
});

@Entity('projects')
@ObjectType({ description: 'A git repository in which chat sessions live.' })
export class Project {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the project on this server.' })
  id!: number;

  @Column('text')
  @Field(() => String, { description: 'What people call it.' })
  name!: string;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'What it is about, in a sentence or two.' })
  description!: string | null;

  /** Who added it; null once that person is gone, then only owners see it. */
  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('text', { name: 'github_repo_url', nullable: true })
  githubRepoUrl!: string | null;

  @Column('varchar', { name: 'source_kind', length: 20, default: ProjectSourceKind.TEMPLATE })
  @Field(() => ProjectSourceKind, { description: 'Where its repository came from.' })
  sourceKind!: ProjectSourceKind;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'The path, URL or template it was made from.' })
  source!: string | null;

  @Column('varchar', { length: 20, default: ProjectStatus.READY })
  @Field(() => ProjectStatus, { description: 'Whether its repository is there.' })
  status!: ProjectStatus;

  @Column('text', { name: 'status_message', nullable: true })
  @Field(() => String, { nullable: true, description: 'While preparing: what is being done. After a failure: why.' })
  statusMessage!: string | null;

  @Column('real', { nullable: true })
  @Field(() => Float, { nullable: true, description: 'Share of the preparation that is done, 0 to 1, when known.' })
  progress!: number | null;

  @Index('idx_projects_default_branch')
  @Column('varchar', { name: 'default_branch', length: 100, default: 'main' })
  @Field(() => String, { description: 'The branch new sessions start from.' })
  defaultBranch!: string;

  @Column('text', { name: 'runner_id', nullable: true })
  runnerId!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  @Field(() => Date, { description: 'When its name, description or state last changed.' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it was put in the trash; null for all others.' })
  deletedAt!: Date | null;

  @Column('integer', { name: 'retention_days', nullable: true })
  @Field(() => Int, {
    nullable: true,
    description:
      "After how many days without activity its archived sessions go to the trash; 0 is never, null is the server's own setting.",
  })
  retentionDays!: number | null;

  /** When its end was decided. From then on nobody sees it, and the runner takes it apart. */
  @Column('timestamptz', { name: 'purging_since', nullable: true })
  purgingSince!: Date | null;

  /** When its repository, which had been there, was found missing. Nothing is made in its place unless somebody asks for it. */
  @Column('timestamptz', { name: 'base_lost_at', nullable: true })
  baseLostAt!: Date | null;
}
