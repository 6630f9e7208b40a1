import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

export enum MessageRole {
  USER = 'user',
  ASSISTANT = 'assistant',
}

registerEnumType(MessageRole, {
  name: 'MessageRole',
  description: 'Which side said it.',
  valuesConfig: { USER: { description: 'A person.' }, ASSISTANT: { description: 'The agent.' } },
});

export enum MessageStatus {
  QUEUED = 'queued',
  STREAMING = 'streaming',
  COMPLETE = 'complete',
}

registerEnumType(MessageStatus, {
  name: 'MessageStatus',
  description: 'Whether more of a message is to come.',
  valuesConfig: {
    QUEUED: { description: 'Waits until the run before it has ended; can still be edited or taken back.' },
    STREAMING: { description: 'The agent is still writing it.' },
    COMPLETE: { description: 'It stays as it is.' },
  },
});

@Entity('chat_messages')
@ObjectType({ description: 'One thing said in a session.' })
export class Message {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the message on this server.' })
  id!: number;

  @Index('idx_chat_messages_session_id')
  @Column('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  @Column('integer', { name: 'project_id', nullable: true })
  projectId!: number | null;

  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('integer', { nullable: true })
  @Field(() => Int, { nullable: true, description: 'Its place in the conversation, from 1; null while it is queued.' })
  number!: number | null;

  @Column('varchar', { length: 20 })
  @Field(() => MessageRole, { description: 'Which side said it.' })
  role!: MessageRole;

  @Column('varchar', { length: 20, default: MessageStatus.COMPLETE })
  @Field(() => MessageStatus, { description: 'Whether more is to come.' })
  status!: MessageStatus;

  /** The words alone, without tool calls. Complete when the message is; while it streams, the parts hold them. */
  @Column('text')
  content!: string;

  @Column('timestamptz', { name: 'timestamp', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was sent, or when the agent began it.' })
  createdAt!: Date;

  @Column('varchar', { name: 'commit_sha', length: 40, nullable: true })
  commitSha!: string | null;

  @Column('integer', { name: 'run_id', nullable: true })
  runId!: number | null;

  @Column('varchar', { name: 'client_mutation_id', length: 100, nullable: true })
  clientMutationId!: string | null;

  /** What the session's branch was on right after it; before an answer began, for a prompt. Forty zeros: no commit at all. */
  @Column('varchar', { name: 'head_sha', length: 40, nullable: true })
  headSha!: string | null;

  /** The rewind that took it out of the conversation. */
  @Column('integer', { name: 'rewind_id', nullable: true })
  rewindId!: number | null;

  /** The operation that wrote it, where no run did. */
  @Column('integer', { name: 'operation_id', nullable: true })
  operationId!: number | null;

  @Column('integer', { name: 'undoes_message_id', nullable: true })
  undoesMessageId!: number | null;

  /** Set on messages that come out of the event log: the parts as they were at that event. */
  partsThen?: MessagePartRow[];
}

export const partKinds = ['text', 'reasoning', 'tool', 'plan', 'commit', 'notice'] as const;
export type PartKind = (typeof partKinds)[number];

@Entity('message_parts')
export class MessagePartRow {
  @PrimaryColumn('integer', { name: 'message_id' })
  messageId!: number;

  @PrimaryColumn('integer')
  position!: number;

  @Column('varchar', { length: 20 })
  kind!: PartKind;

  /** What streams: words, thoughts, the output of a tool. */
  @Column('text', { default: '' })
  text!: string;

  @Column('jsonb', { default: {} })
  data!: Record<string, unknown>;
}
