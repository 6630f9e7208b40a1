import { Field, ID, InputType, Int } from 'type-graphql';

@InputType({ description: 'What to change about the setup of a project; what is left out stays.' })
export class UpdateProjectSetupInput {
  @Field(() => ID, { description: 'The project.' })
  projectId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The setup script for bash, at most 64 kB; empty removes it. Chats made from now on run it.',
  })
  script?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether, without a script of its own, the project runs .kosuke/setup.sh of its repository. Whoever can push to a branch then decides what is run, with the variables for the setup.',
  })
  runsRepositoryScript?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'The time limit of the script, 1 to 7,200 seconds.' })
  timeoutSeconds?: number | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Paths and patterns (*, **, ?) of files that a new workspace gets from the local folder the project was added from. Only the owner of the server may change them, for they are read from its disk.',
  })
  copiedFiles?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of folders with dependencies to keep for the next workspace; an empty list keeps nothing.',
  })
  cachedFolders?: string[] | null;
}

@InputType({ description: 'A file that new workspaces of a project get: a new one, or what it holds instead.' })
export class SetProjectFileInput {
  @Field(() => ID, { description: 'The project.' })
  projectId!: string;

  @Field(() => String, { description: 'Where it lies in the workspace; never in .git.' })
  path!: string;

  @Field(() => String, { description: 'What it holds: text of at most 256 kB.' })
  content!: string;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether nobody may read it through the API again.' })
  isSecret!: boolean;
}
