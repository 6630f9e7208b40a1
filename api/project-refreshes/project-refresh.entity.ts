import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { BranchMove } from '../git/git.ts';

export enum ProjectRefreshStatus {
  UNDER_WAY = 'under_way',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
}

registerEnumType(ProjectRefreshStatus, {
  name: 'ProjectRefreshStatus',
  description: 'How far the refresh of a project is.',
  valuesConfig: {
    UNDER_WAY: { description: 'The source is being asked; goes on by itself after a restart of the server.' },
    SUCCEEDED: { description: 'The branches of the project are those of its source.' },
    FAILED: { description: 'Nothing was changed; errorMessage says why.' },
  },
});

export enum BranchMoveKind {
  CREATED = 'created',
  ADVANCED = 'advanced',
  REWRITTEN = 'rewritten',
  DELETED = 'deleted',
}

registerEnumType(BranchMoveKind, {
  name: 'BranchMoveKind',
  description: 'How a branch moved.',
  valuesConfig: {
    CREATED: { description: 'It is new.' },
    ADVANCED: { description: 'It got new commits on top of those it had.' },
    REWRITTEN: { description: 'It no longer has the commit it was on: somebody pushed by force.' },
    DELETED: { description: 'It is gone. Sessions cut from it keep their own branches and commits.' },
  },
});

@ObjectType({ description: 'A branch that is not where it was before a refresh.' })
export class MovedBranch {
  @Field(() => String, { description: 'Its name, without refs/heads/.' })
  name!: string;

  @Field(() => BranchMoveKind, { description: 'How it moved.' })
  kind!: BranchMoveKind;

  @Field(() => String, { nullable: true, description: 'The commit it was on; null when it is new.' })
  oldSha!: string | null;

  @Field(() => String, { nullable: true, description: 'The commit it is on now; null when it is gone.' })
  newSha!: string | null;
}

/** So many moved branches are kept of one refresh; all of them are counted. */
export const MOVED_BRANCHES_MAX = 100;

@Entity('project_refreshes')
@ObjectType({ description: 'One time that the branches of a project were brought up to those of its source.' })
export class ProjectRefresh {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the refresh on this server.' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('varchar', { length: 20, default: ProjectRefreshStatus.UNDER_WAY })
  @Field(() => ProjectRefreshStatus, { description: 'How far it is.' })
  status!: ProjectRefreshStatus;

  @Column('jsonb', { name: 'moved_branches', default: [] })
  @Field(() => [MovedBranch], {
    description: `The branches that are not where they were, by name: at most ${MOVED_BRANCHES_MAX} of them.`,
  })
  movedBranches!: BranchMove[];

  @Column('integer', { name: 'moved_count', default: 0 })
  @Field(() => Int, { description: 'How many branches are not where they were.' })
  movedCount!: number;

  @Column('text', { name: 'new_default_branch', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'The default branch of the project since then, when the one before is gone from the source.',
  })
  newDefaultBranch!: string | null;

  @Column('varchar', { name: 'error_code', length: 50, nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed ones: why, for programs.' })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed ones: what happened and what to do, for people.' })
  errorMessage!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it ended, however it ended.' })
  finishedAt!: Date | null;
}
