import { createUnionType, Field, Float, ID, ObjectType } from 'type-graphql';
import { ChangeKind } from '../graphql/change-kind.ts';
import { connectionOf } from '../graphql/connection.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { ChatSession, WorkspaceStatus } from './session.entity.ts';

export const ChatSessionConnection = connectionOf(ChatSession, 'ChatSession');

@ObjectType({ description: "A session's own directory: a full clone of the project, on the branch of the session." })
export class Workspace {
  @Field(() => WorkspaceStatus, { description: 'Whether it is there.' })
  status!: WorkspaceStatus;

  @Field(() => String, {
    nullable: true,
    description: 'While preparing: what is being done. After a failure: why. When cleaned: what is kept.',
  })
  message!: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'While preparing: how much of it is done, from 0 to 1; null when that is not known.',
  })
  progress!: number | null;

  @Field(() => Date, { nullable: true, description: 'When its disk space was given back; null while it is there.' })
  cleanedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'The commit it is on; null before it is made, and in a repository without commits.',
  })
  headSha!: string | null;
}

@ObjectType({ description: 'Something happened to a session that a list of sessions shows.' })
export class ChatSessionChange {
  @Field(() => ChangeKind, { description: 'What happened.' })
  kind!: ChangeKind;

  @Field(() => ID, { description: 'The session it happened to.' })
  chatSessionId!: string;

  @Field(() => ChatSession, {
    nullable: true,
    description: 'The session as it is now, also when it is in the trash; null when it is gone.',
  })
  chatSession!: ChatSession | null;
}

export const CreateChatSessionResult = createUnionType({
  name: 'CreateChatSessionResult',
  description: 'The new session, whose workspace is still being made, or why there is none.',
  types: () => [ChatSession, InvalidInput, NotFound, Conflict] as const,
});

export const UpdateChatSessionResult = createUnionType({
  name: 'UpdateChatSessionResult',
  description: 'The session as it is now, or why it stayed as it was.',
  types: () => [ChatSession, InvalidInput, NotFound, Conflict] as const,
});
