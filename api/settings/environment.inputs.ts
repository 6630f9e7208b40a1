import { Field, ID, InputType } from 'type-graphql';
import { EnvironmentScope } from './environment-variable.entity.ts';

@InputType({ description: 'An environment variable of a project: a new one, or what to change about one.' })
export class SetEnvironmentVariableInput {
  @Field(() => ID, { description: 'The project.' })
  projectId!: string;

  @Field(() => String, {
    description:
      'Letters, digits and underscores, at most 128, not beginning with a digit. Names that would change how the sandbox, shells or git work are refused.',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'At most 32 kB. Left out, the value there is stays; a secret needs its value anew to become readable.',
  })
  value?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether nobody may read the value again. Left out: as it is; of a new variable, yes.',
  })
  isSecret?: boolean | null;

  @Field(() => [EnvironmentScope], {
    nullable: true,
    description: 'Who gets it. Left out: as it is; of a new variable, everybody.',
  })
  scopes?: EnvironmentScope[] | null;
}

@InputType({ description: 'The text of a .env file whose variables a project is to have.' })
export class ImportEnvironmentVariablesInput {
  @Field(() => ID, { description: 'The project.' })
  projectId!: string;

  @Field(() => String, { description: 'NAME=value, one a line, as in a .env file; at most 512 kB.' })
  text!: string;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether nobody may read the values again.' })
  isSecret!: boolean;

  @Field(() => [EnvironmentScope], { nullable: true, description: 'Who gets them; everybody when left out.' })
  scopes?: EnvironmentScope[] | null;
}
