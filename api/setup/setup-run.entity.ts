import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export enum SetupRunStatus {
  QUEUED = 'queued',
  RUNNING = 'running',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
  STOPPED = 'stopped',
}

registerEnumType(SetupRunStatus, {
  name: 'SetupRunStatus',
  description: 'How far the setup of a workspace is.',
  valuesConfig: {
    QUEUED: { description: 'Waits for the workspace, or for what goes on in it.' },
    RUNNING: { description: 'At work; messages wait for its end.' },
    SUCCEEDED: { description: 'The workspace is set up.' },
    FAILED: { description: 'It did not work out; message says why. The agent can be talked to all the same.' },
    STOPPED: { description: 'Somebody stopped it.' },
  },
});

export enum SetupScriptOrigin {
  SETTINGS = 'settings',
  REPOSITORY = 'repository',
}

registerEnumType(SetupScriptOrigin, {
  name: 'SetupScriptOrigin',
  description: 'Where a setup script came from.',
  valuesConfig: {
    SETTINGS: { description: 'From the settings of the project.' },
    REPOSITORY: { description: 'From the repository: .kosuke/setup.sh on the base branch.' },
  },
});

export enum SetupCacheUse {
  NONE = 'none',
  MISSED = 'missed',
  SAVED = 'saved',
  RESTORED = 'restored',
}

registerEnumType(SetupCacheUse, {
  name: 'SetupCacheUse',
  description: 'What the setup had to do with the dependencies that earlier setups of the project kept.',
  valuesConfig: {
    NONE: { description: 'Nothing: there is no script, no lock file, or no folder to keep.' },
    MISSED: { description: 'There were none that fit, and none were kept.' },
    SAVED: { description: 'There were none that fit; now there are, for the next workspace.' },
    RESTORED: { description: 'They were there before the script began.' },
  },
});

@Entity('setup_runs')
@ObjectType({
  description: 'One time that a workspace was set up: files were copied into it and the setup script was run.',
})
export class SetupRun {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the setup on this server.' })
  id!: number;

  @Column('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  /** Whether it was asked for by the making of the session, before anybody could say anything in it. */
  @Column('boolean', { name: 'is_first' })
  isFirst!: boolean;

  @Column('varchar', { length: 20, default: SetupRunStatus.QUEUED })
  @Field(() => SetupRunStatus, { description: 'How far it is.' })
  status!: SetupRunStatus;

  @Column('varchar', { name: 'script_origin', length: 20, nullable: true })
  @Field(() => SetupScriptOrigin, {
    nullable: true,
    description: 'Where its script came from; null before that is known, and when there is none.',
  })
  scriptOrigin!: SetupScriptOrigin | null;

  @Column('integer', { name: 'exit_code', nullable: true })
  @Field(() => Int, { nullable: true, description: 'How the script ended; null when it did not end by itself.' })
  exitCode!: number | null;

  @Column('boolean', { name: 'timed_out', default: false })
  @Field(() => Boolean, { description: 'Whether it was ended because it took too long.' })
  timedOut!: boolean;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed and stopped ones: what happened and what to do.' })
  message!: string | null;

  @Column('varchar', { name: 'cache_use', length: 20, default: SetupCacheUse.NONE })
  @Field(() => SetupCacheUse, { description: 'Whether dependencies that an earlier setup kept were of use.' })
  cacheUse!: SetupCacheUse;

  @Column('integer', { name: 'log_length', default: 0 })
  @Field(() => Int, { description: 'How long its log is by now, in UTF-16 units.' })
  logLength!: number;

  @Column('boolean', { name: 'log_truncated', default: false })
  @Field(() => Boolean, { description: 'Whether the script wrote more than is kept: 1,048,576 UTF-16 units.' })
  logTruncated!: boolean;

  @Column('timestamptz', { name: 'stop_requested_at', nullable: true })
  stopRequestedAt!: Date | null;

  /** When the conversation was told that it failed. */
  @Column('timestamptz', { name: 'told_at', nullable: true })
  toldAt!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it began; null while it waits.' })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it ended, however it ended.' })
  finishedAt!: Date | null;
}

export const UNFINISHED_SETUPS = [SetupRunStatus.QUEUED, SetupRunStatus.RUNNING];
