import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { FileChangeKind } from '../messages/message-part.type.ts';

export enum RewindKind {
  REWIND = 'rewind',
  RESTORE = 'restore',
}

registerEnumType(RewindKind, {
  name: 'RewindKind',
  description: 'Which way somebody went.',
  valuesConfig: {
    REWIND: { description: 'Back to an earlier message.' },
    RESTORE: { description: 'To how things were before an earlier rewind; this one keeps what was left for that.' },
  },
});

@ObjectType({ description: 'A file that a rewind changed.' })
export class RewoundFile {
  @Field(() => String, { description: 'Its path, relative to the repository.' })
  path!: string;

  @Field(() => FileChangeKind, {
    description: 'What had happened to it in what was taken back: added means that the rewind took it away.',
  })
  kind!: FileChangeKind;
}

@Entity('rewinds')
@ObjectType({
  description:
    'A step back in a session, which keeps everything it took back: messages, commits, and files that were not committed. restoreRewind undoes it.',
})
export class Rewind {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the rewind on this server.' })
  id!: number;

  @Column('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  @Column('integer', { name: 'operation_id', unique: true })
  operationId!: number;

  @Column('varchar', { length: 20 })
  @Field(() => RewindKind, { description: 'Which way it went.' })
  kind!: RewindKind;

  @Column('integer', { name: 'restored_rewind_id', nullable: true })
  restoredRewindId!: number | null;

  /** The numbers that were out of the conversation before, as PostgreSQL writes a multirange. */
  @Column('int4multirange', { name: 'hidden_before' })
  hiddenBefore!: string;

  /** The highest number given before. */
  @Column('integer', { name: 'last_number' })
  lastNumber!: number;

  @Column('integer', { name: 'message_count' })
  @Field(() => Int, { description: 'How many messages it took out of the conversation.' })
  messageCount!: number;

  @Column('text', { name: 'prompt_text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'After a rewind to before a message: what that message said, to be changed and sent again.',
  })
  promptText!: string | null;

  /** Everything as it lay in the workspace before. */
  @Column('varchar', { name: 'snapshot_sha', length: 40 })
  snapshotSha!: string;

  @Column('jsonb', { default: [] })
  @Field(() => [RewoundFile], { description: 'The files it changed, by path: the first hundred.' })
  files!: RewoundFile[];

  @Column('integer', { name: 'file_count' })
  @Field(() => Int, { description: 'How many files it changed.' })
  fileCount!: number;

  @Column('jsonb', { name: 'skipped_paths', default: [] })
  @Field(() => [String], {
    description:
      'What it could not keep and therefore left in place: repositories within the repository, files that may not be read.',
  })
  skippedPaths!: string[];

  @Column('jsonb', { name: 'kept_paths', default: [] })
  @Field(() => [String], {
    description: 'Files that were in the way and are not part of the session: they are still there, under these names.',
  })
  keptPaths!: string[];

  @Column('text', { name: 'created_by', nullable: true })
  createdById!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was done.' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'restored_at', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it was last undone; null when it never was.' })
  restoredAt!: Date | null;
}
