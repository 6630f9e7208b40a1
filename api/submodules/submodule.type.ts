import { Field, ObjectType } from 'type-graphql';

@ObjectType({
  description:
    'Another repository of which a commit is pinned at a folder of this one. Its files are there once it is checked out; changes to them are not committed.',
})
export class Submodule {
  @Field(() => String, { description: 'Its folder, from the root of the repository.' })
  path!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Where it is fetched from, untrusted; a relative address is completed from the source of the project.',
  })
  url!: string | null;

  @Field(() => String, { description: 'The commit that is pinned, 40 hexadecimal digits.' })
  sha!: string;

  @Field(() => Boolean, { description: 'Whether the files of that commit were put into its folder.' })
  isCheckedOut!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it cannot be checked out; null when it may be tried.' })
  problem!: string | null;
}
