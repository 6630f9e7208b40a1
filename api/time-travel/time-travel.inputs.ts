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
