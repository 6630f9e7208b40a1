import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export enum RunStatus {
  QUEUED = 'queued',
  RUNNING = 'running',
  WAITING_FOR_PERMISSION = 'waiting_for_permission',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
  CANCELLED = 'cancelled',
  INTERRUPTED = 'interrupted',
}

registerEnumType(RunStatus, {
  name: 'RunStatus',
  description: 'The state of a run.',
  valuesConfig: {
    QUEUED: { description: 'Waits for its turn.' },
    RUNNING: { description: 'The agent is at work.' },
    WAITING_FOR_PERMISSION: { description: 'The agent asked whether it may do something.' },
    SUCCEEDED: { description: 'The agent ended its turn.' },
    FAILED: { description: 'It could not be finished; see errorMessage.' },
    CANCELLED: { description: 'Somebody stopped it.' },
    INTERRUPTED: { description: 'The server stopped in the middle of it. What was said and written is kept.' },
  },
});

/** Runs that hold up the ones behind them. */
export const UNFINISHED = [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING_FOR_PERMISSION];

@Entity('runs')
@ObjectType({ description: 'One answer of an agent to one message.' })
export class Run {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the run on this server.' })
  id!: number;

  @Column('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  @Column('integer', { name: 'prompt_message_id', nullable: true })
  promptMessageId!: number | null;

  @Column('integer', { name: 'reply_message_id', nullable: true })
  replyMessageId!: number | null;

  @Column('varchar', { length: 30 })
  @Field(() => RunStatus, { description: 'Its state now.' })
  status!: RunStatus;

  @Column('varchar', { name: 'agent_id', length: 50 })
  agentId!: string;

  @Column('text', { default: '' })
  prompt!: string;

  @Column('varchar', { name: 'error_code', length: 50, nullable: true })
  @Field(() => String, { nullable: true, description: 'On failed and interrupted runs: why, for programs.' })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'On failed and interrupted runs: what happened and what was kept, for people.',
  })
  errorMessage!: string | null;

  @Column('text', { name: 'runner_id', nullable: true })
  runnerId!: string | null;

  @Column('timestamptz', { name: 'stop_requested_at', nullable: true })
  stopRequestedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When its message was sent.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When the agent began.' })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it ended, however it ended.' })
  finishedAt!: Date | null;

  @Field(() => Boolean, { description: 'Whether its message can be sent again with retryRun.' })
  get canRetry(): boolean {
    return [RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.INTERRUPTED].includes(this.status);
  }
}
