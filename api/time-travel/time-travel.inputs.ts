import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'How far to go back. Give one of the two messages.' })
export class RewindSessionInput {
  @Field(() => ID, { description: 'The session.' })
  chatSessionId!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'The last message that stays. After the message of a person, the conversation waits for an answer and the files are as before the one it had.',
  })
  toMessageId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The message of a person that goes, with everything behind it: to change it and send it again. Rewind.promptText says what it said.',
  })
  beforeMessageId?: string | null;
}

@InputType({ description: 'Which session to copy, and how much of it.' })
export class DuplicateChatSessionInput {
  @Field(() => ID, { description: 'The session; it may be put away.' })
  chatSessionId!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'The last message to copy, with the files as of then. Left out: everything as it is now, also files that are not committed.',
  })
  upToMessageId?: string | null;

  @Field(() => String, { nullable: true, description: '1 to 100 characters; "Copy of ..." when left out.' })
  title?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Any text of at most 100 characters that names this attempt: sent again with the same text, the first copy is returned and no second one is made.',
  })
  clientMutationId?: string | null;
}
