import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { ChatSessionStatus } from './session.entity.ts';

export enum ChatSessionOrder {
  LAST_ACTIVITY = 'last_activity',
  CREATED = 'created',
  TITLE = 'title',
}

registerEnumType(ChatSessionOrder, {
  name: 'ChatSessionOrder',
  description: 'How a list of sessions is ordered.',
  valuesConfig: {
    LAST_ACTIVITY: { description: 'Where something was said last comes first.' },
    CREATED: { description: 'The newest first.' },
    TITLE: { description: 'By title, from A to Z.' },
  },
});

@InputType({ description: 'Which sessions of a project to list.' })
export class ChatSessionFilter {
  @Field(() => ChatSessionStatus, { nullable: true, description: 'Only those of this status.' })
  status?: ChatSessionStatus | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only those whose title, description or branch holds this text; case does not matter.',
  })
  search?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Those in the trash instead of all others.' })
  inTrash?: boolean;
}

@InputType({ description: 'A new session.' })
export class CreateChatSessionInput {
  @Field(() => ID, { description: 'The project it belongs to.' })
  projectId!: string;

  @Field(() => String, { description: '1 to 100 characters.' })
  title!: string;

  @Field(() => String, { nullable: true, description: 'At most 2,000 characters.' })
  description?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The branch to start from; the project's default branch when left out.",
  })
  baseBranch?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The agent to talk to, from ServerInfo.agents; the built-in one when left out.',
  })
  agent?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Any text of at most 100 characters that names this attempt: sent again with the same text, the first session is returned and no second one is made.',
  })
  clientMutationId?: string | null;
}

@InputType({ description: 'What to change about a session; what is left out stays.' })
export class UpdateChatSessionInput {
  @Field(() => ID, { description: 'The session.' })
  id!: string;

  @Field(() => String, { nullable: true, description: '1 to 100 characters. The branch keeps its name.' })
  title?: string | null;

  @Field(() => String, { nullable: true, description: 'At most 2,000 characters; empty removes it.' })
  description?: string | null;
}
