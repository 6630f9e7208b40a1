import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { MergeConflict, MergeDecision, MergeEdit, ConflictedCommit as StoppedAt } from '../git/updates.ts';
import type { Placement } from './placement.ts';

export enum BaseUpdateStrategy {
  MERGE = 'merge',
  REBASE = 'rebase',
}

registerEnumType(BaseUpdateStrategy, {
  name: 'BaseUpdateStrategy',
  description: 'How the commits of the base come into the branch of a session.',
  valuesConfig: {
    MERGE: { description: 'A merge commit joins the two; the commits of the session stay what they are.' },
    REBASE: {
      description:
        'The commits of the session are made anew on top of the base, one by one, with their authors, dates and messages; merges are left out.',
    },
  },
});

export enum BaseUpdateStatus {
  COMPUTING = 'computing',
  CONFLICTED = 'conflicted',
  APPLIED = 'applied',
  UP_TO_DATE = 'up_to_date',
  ABORTED = 'aborted',
  FAILED = 'failed',
}

registerEnumType(BaseUpdateStatus, {
  name: 'BaseUpdateStatus',
  description: 'How far an update from the base is.',
  valuesConfig: {
    COMPUTING: { description: 'It is being worked out. The workspace is as it was.' },
    CONFLICTED: {
      description:
        'Both sides changed the same things. The workspace is as it was and can be worked in; resolve the conflicts and complete the update, or abort it.',
    },
    APPLIED: { description: 'Done: the branch and the files of the session hold the base too.' },
    UP_TO_DATE: { description: 'There was nothing to do: the session had all of its base.' },
    ABORTED: { description: 'Called off; everything is as it was before.' },
    FAILED: { description: 'It could not be done, and everything is as it was before; errorMessage says why.' },
  },
});

/** One at a time of these in a session. */
export const UNFINISHED_UPDATES = [BaseUpdateStatus.COMPUTING, BaseUpdateStatus.CONFLICTED];

@ObjectType({ description: 'The commit of a session at which a rebase stopped because of conflicts.' })
export class ConflictedCommit {
  @Field(() => String, { description: 'The commit, as it was before.' })
  sha!: string;

  @Field(() => String, { description: 'First line of its message.' })
  title!: string;

  @Field(() => Int, { description: 'Its place among the commits that are moved, from 1.' })
  number!: number;

  @Field(() => Int, { description: 'How many commits are moved.' })
  count!: number;
}

/** What was decided so far, also about files that an update does not ask for just now. */
export interface Decisions {
  files: MergeDecision[];
  edits: MergeEdit[];
}

@Entity('base_updates')
@ObjectType({
  description:
    'Bringing what is new in the base branch into a session. It is worked out beside the workspace, which stays as it is until the result is whole.',
})
export class BaseUpdate {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the update on this server.' })
  id!: number;

  @Column('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  @Column('varchar', { length: 10 })
  @Field(() => BaseUpdateStrategy, { description: 'How the commits of the base come in.' })
  strategy!: BaseUpdateStrategy;

  @Column('varchar', { length: 20, default: BaseUpdateStatus.COMPUTING })
  @Field(() => BaseUpdateStatus, { description: 'How far it is.' })
  status!: BaseUpdateStatus;

  @Column('varchar', { name: 'base_branch', length: 255 })
  @Field(() => String, { description: 'The branch it is updated from.' })
  baseBranch!: string;

  @Column('varchar', { name: 'base_sha', length: 40, nullable: true })
  @Field(() => String, { nullable: true, description: 'The commit of the base that comes in; null until it is known.' })
  baseSha!: string | null;

  @Column('varchar', { name: 'tip_before', length: 40, nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'The newest commit of the session it was worked out from; null until it is known, or without one.',
  })
  tipBefore!: string | null;

  @Column('varchar', { name: 'result_sha', length: 40, nullable: true })
  @Field(() => String, { nullable: true, description: 'Once applied: the newest commit of the session since then.' })
  resultSha!: string | null;

  @Column('jsonb', { name: 'conflicted_commit', nullable: true })
  @Field(() => ConflictedCommit, {
    nullable: true,
    description: 'In a rebase with conflicts: the commit that does not fit. The ones behind it may bring more.',
  })
  conflictedCommit!: StoppedAt | null;

  /** Those that the update asks about now, decided or not. */
  @Column('jsonb', { default: [] })
  conflicts!: MergeConflict[];

  @Column('jsonb', { default: { files: [], edits: [] } })
  decisions!: Decisions;

  /** Written down before the files of the workspace change, so that whoever is cut off can go on or put them back. */
  @Column('jsonb', { nullable: true })
  placement!: Placement | null;

  /** The clientMutationId of the message that asks the agent to resolve the conflicts. */
  @Column('varchar', { name: 'agent_request', length: 100, nullable: true })
  agentRequest!: string | null;

  @Column('varchar', { name: 'error_code', length: 50, nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed ones: why, for programs.' })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed ones: what happened and what to do, for people.' })
  errorMessage!: string | null;

  @Column('text', { name: 'requested_by', nullable: true })
  requestedBy!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it ended, however it ended.' })
  finishedAt!: Date | null;
}
