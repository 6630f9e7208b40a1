import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

export enum ChatSessionStatus {
  ACTIVE = 'active',
  ARCHIVED = 'archived',
  COMPLETED = 'completed',
}

registerEnumType(ChatSessionStatus, {
  name: 'ChatSessionStatus',
  description: 'Where a session stands in the life of its work.',
  valuesConfig: {
    ACTIVE: { description: 'Work goes on; messages can be sent.' },
    ARCHIVED: { description: 'Put away; unarchive it to go on.' },
    COMPLETED: { description: 'The work is done; unarchive it to go on after all.' },
  },
});

export enum WorkspaceStatus {
  PREPARING = 'preparing',
  READY = 'ready',
  FAILED = 'failed',
  CLEANED = 'cleaned',
}

registerEnumType(WorkspaceStatus, {
  name: 'WorkspaceStatus',
  description: "Whether a session's own directory is there.",
  valuesConfig: {
    PREPARING: { description: 'It is being made.' },
    READY: { description: 'It is there, on the branch of the session.' },
    FAILED: { description: 'It could not be made; the message says why. Sending a message tries again.' },
    CLEANED: {
      description:
        'Its disk space was given back. Its branch and what was not committed are kept, and are there again as soon as the session goes on.',
    },
  },
});

/** A copy of a session whose files are not there yet. */
export interface PendingCopy {
  fromSessionId: string;
  /** The commit it is cut from; null in a repository without commits. Left out: wherever the other one's branch is. */
  sha?: string | null;
  /** Whether what is not committed comes along. */
  withUncommitted: boolean;
}

@Entity('chat_sessions')
@Index('idx_chat_sessions_sidebar', ['projectId', 'status', 'lastActivityAt', 'key'])
@ObjectType({ description: 'A conversation with an agent, on a branch of its own, in a directory of its own.' })
export class ChatSession {
  /** The number inside the database; everybody outside knows the session by `id`. */
  @PrimaryGeneratedColumn({ name: 'id' })
  key!: number;

  @Column('varchar', { name: 'session_id', length: 50, unique: true })
  @Field(() => ID, { description: 'Unguessable name of the session, part of its branch: 12 or more of a-z and 0-9.' })
  id!: string;

  @Index('idx_chat_sessions_project_id')
  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Index('idx_chat_sessions_user_id')
  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('varchar', { length: 100 })
  @Field(() => String, { description: 'What the person calls it, at most 100 characters.' })
  title!: string;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'What it is about, at most 2,000 characters.' })
  description!: string | null;

  @Column('varchar', { name: 'github_branch_name', length: 100 })
  @Field(() => String, { description: 'The git branch this session commits to: kosuke-chat-{id}.' })
  branch!: string;

  @Column('varchar', { name: 'base_branch', length: 255 })
  @Field(() => String, { description: 'The branch it was cut from.' })
  baseBranch!: string;

  @Index('idx_chat_sessions_status')
  @Column('varchar', { length: 20, default: ChatSessionStatus.ACTIVE })
  @Field(() => ChatSessionStatus, { description: 'Active, archived or completed.' })
  status!: ChatSessionStatus;

  @Column('boolean', { name: 'is_default', default: false })
  @Field(() => Boolean, { description: 'Whether this is the first session of its project.' })
  isDefault!: boolean;

  @Column('varchar', { name: 'agent_id', length: 50, default: 'builtin' })
  agentId!: string;

  @Column('integer', { name: 'message_count', default: 0 })
  @Field(() => Int, { description: 'How many messages were said in it, by both sides; queued ones are not counted.' })
  messageCount!: number;

  @Column('integer', { name: 'last_message_number', default: 0 })
  lastMessageNumber!: number;

  @Column('bigint', { name: 'last_seq', default: 0, transformer: { from: Number, to: (value?: number) => value } })
  @Field(() => Int, {
    description:
      'seq of its newest stored event. Read it together with the messages, then subscribe to chatSessionEvents(after: lastSeq).',
  })
  lastSeq!: number;

  @Column('varchar', { name: 'workspace_status', length: 20, default: WorkspaceStatus.PREPARING })
  workspaceStatus!: WorkspaceStatus;

  @Column('text', { name: 'workspace_message', nullable: true })
  workspaceMessage!: string | null;

  @Column('real', { name: 'workspace_progress', nullable: true })
  workspaceProgress!: number | null;

  @Column('varchar', { name: 'head_sha', length: 40, nullable: true })
  headSha!: string | null;

  @Column('timestamptz', { name: 'cleaned_at', nullable: true })
  cleanedAt!: Date | null;

  @Column('text', { name: 'runner_id', nullable: true })
  runnerId!: string | null;

  /** What its first files are still to be copied from. */
  @Column('jsonb', { name: 'pending_copy', nullable: true })
  pendingCopy!: PendingCopy | null;

  @Column('varchar', { name: 'client_mutation_id', length: 100, nullable: true })
  clientMutationId!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When its title, description or status last changed.' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'last_activity_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When somebody last said something in it.' })
  lastActivityAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it was put in the trash; null for all others.' })
  deletedAt!: Date | null;

  @Column('timestamptz', { name: 'archived_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it was archived; null for all others.' })
  archivedAt!: Date | null;

  /** When it was last taken out of the trash: retention begins to count anew, or it would undo that. */
  @Column('timestamptz', { name: 'restored_at', nullable: true })
  restoredAt!: Date | null;

  /** Whether the branch goes, too, when the session goes for good. */
  @Column('boolean', { name: 'delete_branch', default: false })
  deleteBranch!: boolean;

  /** When its end was decided. From then on nobody sees it, and the runner takes it apart. */
  @Column('timestamptz', { name: 'purging_since', nullable: true })
  purgingSince!: Date | null;
}
