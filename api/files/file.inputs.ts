import { Field, ID, InputType } from 'type-graphql';

@InputType({
  description:
    'Two states of the files of a session. Empty: from where it left its base branch to its workspace as it is now. Or one turn: messageId alone.',
})
export class DiffRangeInput {
  @Field(() => ID, {
    nullable: true,
    description: 'One turn: what the commits of this message changed. A prompt stands for its answer.',
  })
  messageId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Begin with the files as they were after this message.' })
  fromMessageId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Begin with this commit of the session, 40 hexadecimal digits.',
  })
  fromSha?: string | null;

  @Field(() => ID, { nullable: true, description: 'End with the files as they were after this message.' })
  toMessageId?: string | null;

  @Field(() => String, { nullable: true, description: 'End with this commit of the session, 40 hexadecimal digits.' })
  toSha?: string | null;
}

@InputType({
  description: 'A state of the files of a session: one of the fields, or none for the files as they are now.',
})
export class FilesAtInput {
  @Field(() => ID, { nullable: true, description: 'The files as they were after this message.' })
  messageId?: string | null;

  @Field(() => String, { nullable: true, description: 'This commit of the session, 40 hexadecimal digits.' })
  sha?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: the files as they were where the session left its base branch.',
  })
  atBase?: boolean | null;
}
