import { Field, ID, InputType } from 'type-graphql';
import { BaseUpdateStrategy } from './base-update.entity.ts';
import { ConflictResolution } from './conflict-file.type.ts';

@InputType({ description: 'An update of a session from its base branch.' })
export class UpdateFromBaseInput {
  @Field(() => ID, { description: 'The session.' })
  chatSessionId!: string;

  @Field(() => BaseUpdateStrategy, {
    defaultValue: BaseUpdateStrategy.MERGE,
    description: 'How the commits of the base come in.',
  })
  strategy!: BaseUpdateStrategy;
}

@InputType({ description: 'What a file in conflict is to be.' })
export class ResolveConflictInput {
  @Field(() => ID, { description: 'The update from the base.' })
  baseUpdateId!: string;

  @Field(() => String, { description: 'The file.' })
  path!: string;

  @Field(() => ConflictResolution, {
    nullable: true,
    description: 'How it is resolved; null opens the conflict again.',
  })
  resolution!: ConflictResolution | null;

  @Field(() => String, {
    nullable: true,
    description: 'With CONTENT: the whole text of the file, at most 500,000 characters.',
  })
  content!: string | null;
}
