import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Something to say in a session.' })
export class SendMessageInput {
  @Field(() => ID, { description: 'The session.' })
  chatSessionId!: string;

  @Field(() => String, { description: 'What to say, at most 200,000 characters.' })
  text!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Any text of at most 100 characters that names this attempt: sent again with the same text, the first message is returned and no second one is made.',
  })
  clientMutationId?: string | null;
}
