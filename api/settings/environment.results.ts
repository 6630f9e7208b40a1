import { createUnionType, Field, Int, ObjectType } from 'type-graphql';
import { InvalidInput, NotFound } from '../graphql/user-error.ts';
import { EnvironmentVariable } from './environment-variable.entity.ts';

@ObjectType({ description: 'A line of a .env file that set nothing.' })
export class RefusedLine {
  @Field(() => Int, { description: 'Where it begins, from 1.' })
  line!: number;

  @Field(() => String, { nullable: true, description: 'The name it would have set; null when it is no NAME=value.' })
  name!: string | null;

  @Field(() => String, { description: 'Why, for people.' })
  reason!: string;
}

@ObjectType({ description: 'What came of the lines of a .env file.' })
export class ImportEnvironmentVariablesSuccess {
  @Field(() => [EnvironmentVariable], { description: 'The variables it set, at most 200.' })
  variables!: EnvironmentVariable[];

  @Field(() => [RefusedLine], { description: 'The lines that set nothing; the first 100 of them.' })
  refusedLines!: RefusedLine[];
}

@ObjectType({ description: 'The variable is gone. Programs that run keep it until they end.' })
export class DeleteEnvironmentVariableSuccess {
  @Field(() => String, { description: 'The name of the variable that was deleted.' })
  name!: string;
}

export const SetEnvironmentVariableResult = createUnionType({
  name: 'SetEnvironmentVariableResult',
  description: 'The variable as it is now, or why it stayed as it was.',
  types: () => [EnvironmentVariable, InvalidInput, NotFound] as const,
});

export const ImportEnvironmentVariablesResult = createUnionType({
  name: 'ImportEnvironmentVariablesResult',
  description: 'Which variables were set and which lines were refused, or why nothing was read.',
  types: () => [ImportEnvironmentVariablesSuccess, InvalidInput, NotFound] as const,
});

export const DeleteEnvironmentVariableResult = createUnionType({
  name: 'DeleteEnvironmentVariableResult',
  description: 'That the variable is gone, or why it is not.',
  types: () => [DeleteEnvironmentVariableSuccess, NotFound] as const,
});
