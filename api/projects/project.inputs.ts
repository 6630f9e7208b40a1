import { Field, ID, InputType, Int } from 'type-graphql';
import { ProjectTemplate } from './project.entity.ts';

@InputType({ description: 'A new project. Give exactly one of localPath, gitUrl and template.' })
export class CreateProjectInput {
  @Field(() => String, {
    nullable: true,
    description: 'At most 100 characters; taken from the path or URL when left out.',
  })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Absolute path of a git repository on the server's disk. It is copied; the original is never written to.",
  })
  localPath?: string | null;

  @Field(() => String, { nullable: true, description: 'An https URL of a git repository, without credentials in it.' })
  gitUrl?: string | null;

  @Field(() => ProjectTemplate, { nullable: true, description: 'Start a new repository from this template.' })
  template?: ProjectTemplate | null;
}

@InputType({ description: 'What to change about a project; what is left out stays.' })
export class UpdateProjectInput {
  @Field(() => ID, { description: 'The project.' })
  id!: string;

  @Field(() => String, { nullable: true, description: '1 to 100 characters.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'At most 2,000 characters; empty removes it.' })
  description?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "After how many days without activity its archived sessions go to the trash: 0 to 3,650, where 0 is never. Null: as the server's own setting says.",
  })
  retentionDays?: number | null;
}
