import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ description: 'A coding agent that sessions can talk to.' })
export class Agent {
  @Field(() => ID, { description: 'Its name for programs.' })
  id!: string;

  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => Boolean, {
    description: 'Whether a language model answers; without one it only does what a message spells out.',
  })
  hasModel!: boolean;
}
