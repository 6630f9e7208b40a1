import { Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export enum WorkspaceOperationKind {
  REPAIR_BRANCH = 'repair_branch',
  REWIND = 'rewind',
  RESTORE_REWIND = 'restore_rewind',
  UNDO_TURN = 'undo_turn',
  UPDATE_FROM_BASE = 'update_from_base',
  COMPLETE_BASE_UPDATE = 'complete_base_update',
  ABORT_BASE_UPDATE = 'abort_base_update',
  SETUP = 'setup',
  CHECK_OUT_SUBMODULE = 'check_out_submodule',
  ARCHIVE = 'archive',
  UNARCHIVE = 'unarchive',
  FREE = 'free',
}

registerEnumType(WorkspaceOperationKind, {
  name: 'WorkspaceOperationKind',
  description: 'What is done to the workspace of a session, apart from what its agent does.',
  valuesConfig: {
    REPAIR_BRANCH: { description: "HEAD goes back to the session's branch; the files stay as they are." },
    REWIND: { description: 'Conversation and files go back to an earlier message.' },
    RESTORE_REWIND: { description: 'Conversation and files are as before a rewind again.' },
    UNDO_TURN: { description: 'What one turn did to the files is taken back by a commit of its own.' },
    UPDATE_FROM_BASE: {
      description: 'What is new in the base branch comes into the session, or its conflicts are found.',
    },
    COMPLETE_BASE_UPDATE: { description: 'An update from the base goes on with its conflicts resolved.' },
    ABORT_BASE_UPDATE: { description: 'An update from the base is called off; everything is as before.' },
    SETUP: { description: 'Files of the project are copied into the workspace and its setup script is run.' },
    CHECK_OUT_SUBMODULE: { description: 'The files of a submodule come into its folder.' },
    ARCHIVE: {
      description: 'The directory of an archived session is freed; what is not committed in it is kept.',
    },
    UNARCHIVE: { description: 'A directory that was freed comes back as it was, at the same path.' },
    FREE: {
      description:
        'The directory of a session that nobody used for long is freed as by archiving; the next message brings it back.',
    },
  },
});

export enum WorkspaceOperationStatus {
  QUEUED = 'queued',
  RUNNING = 'running',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
}

registerEnumType(WorkspaceOperationStatus, {
  name: 'WorkspaceOperationStatus',
  description: 'How far an operation is.',
  valuesConfig: {
    QUEUED: { description: 'Waits for what goes on in the session.' },
    RUNNING: { description: 'At work; goes on by itself after a restart of the server.' },
    SUCCEEDED: { description: 'Done.' },
    FAILED: { description: 'Not done, and nothing was lost; errorMessage says why.' },
  },
});

/** Operations that hold up what comes behind them. */
export const UNFINISHED_OPERATIONS = [WorkspaceOperationStatus.QUEUED, WorkspaceOperationStatus.RUNNING];

@Entity('workspace_operations')
@ObjectType({
  description:
    'Something done to the workspace of a session: written down before it begins, and carried on after a restart until it has ended.',
})
export class WorkspaceOperation {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the operation on this server.' })
  id!: number;

  @Column('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  @Column('varchar', { length: 40 })
  @Field(() => WorkspaceOperationKind, { description: 'What is done.' })
  kind!: WorkspaceOperationKind;

  @Column('jsonb', { default: {} })
  input!: Record<string, unknown>;

  @Column('varchar', { length: 20, default: WorkspaceOperationStatus.QUEUED })
  @Field(() => WorkspaceOperationStatus, { description: 'How far it is.' })
  status!: WorkspaceOperationStatus;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'While it runs: what is being done, for people.' })
  step!: string | null;

  @Column('real', { nullable: true })
  @Field(() => Float, { nullable: true, description: 'Share of it that is done, 0 to 1, when known.' })
  progress!: number | null;

  /** What came of it, as its kind says. */
  @Column('jsonb', { nullable: true })
  result!: Record<string, unknown> | null;

  @Column('varchar', { name: 'error_code', length: 50, nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed ones: why, for programs.' })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed ones: what happened and what to do, for people.' })
  errorMessage!: string | null;

  /** Who asked for it; null once that person is gone. */
  @Column('text', { name: 'requested_by', nullable: true })
  requestedBy!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it ended, however it ended.' })
  finishedAt!: Date | null;
}
