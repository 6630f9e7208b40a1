import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'A pull request opened from the branch of a session.' })
export class PullRequest {
  @Field(() => Int, { description: 'Its number in the repository.' })
  number!: number;

  @Field(() => String, { description: 'Its title.' })
  title!: string;

  @Field(() => String, { description: 'Where to read it.' })
  url!: string;

  @Field(() => String, { description: 'The branch of the session.' })
  sourceBranch!: string;

  @Field(() => String, { description: 'The branch it is to be merged into.' })
  targetBranch!: string;
}
