import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ description: 'The person or program that is asking.' })
export class Viewer {
  @Field(() => ID, { description: 'Name of the account inside this server.' })
  readonly id: string;

  @Field(() => String, { description: 'What to call them.' })
  readonly name: string;

  @Field(() => String, { nullable: true, description: 'Their mail address, when known.' })
  readonly email: string | null;

  @Field(() => Boolean, { description: 'Whether they own this server, and so see everything on it.' })
  readonly isOwner: boolean;

  constructor(viewer: { id: string; name: string; email: string | null; isOwner: boolean }) {
    this.id = viewer.id;
    this.name = viewer.name;
    this.email = viewer.email;
    this.isOwner = viewer.isOwner;
  }
}
