import { createUnionType, Field, ID, Int, ObjectType } from 'type-graphql';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { ProjectFile } from './project-file.entity.ts';
import { ProjectSetup } from './project-setup.entity.ts';
import { SetupRun } from './setup-run.entity.ts';

@ObjectType({ description: 'The file is gone. Workspaces that have it keep it.' })
export class DeleteProjectFileSuccess {
  @Field(() => String, { description: 'The path of the file that was deleted.' })
  path!: string;
}

@ObjectType({ description: 'The log of a setup grew, or its state changed.' })
export class SetupLogAppended {
  @Field(() => ID, { description: 'The setup. When it is another one than before, its log begins anew.' })
  setupRunId!: string;

  @Field(() => Int, {
    description: 'Where in the log the text begins, in UTF-16 units: what lies before it you have already.',
  })
  offset!: number;

  @Field(() => String, { description: 'What is added at the end; empty when only the state changed.' })
  text!: string;

  @Field(() => SetupRun, { description: 'The setup as it is now.' })
  setup!: SetupRun;
}

export const UpdateProjectSetupResult = createUnionType({
  name: 'UpdateProjectSetupResult',
  description: 'The setup as it is now, or why it stayed as it was.',
  types: () => [ProjectSetup, InvalidInput, NotFound] as const,
});

export const SetProjectFileResult = createUnionType({
  name: 'SetProjectFileResult',
  description: 'The file as it is now, or why it was not taken.',
  types: () => [ProjectFile, InvalidInput, NotFound] as const,
});

export const DeleteProjectFileResult = createUnionType({
  name: 'DeleteProjectFileResult',
  description: 'That the file is gone, or why it is not.',
  types: () => [DeleteProjectFileSuccess, NotFound] as const,
});

export const StopSetupResult = createUnionType({
  name: 'StopSetupResult',
  description: 'The setup, which is ending, or why it is not.',
  types: () => [SetupRun, NotFound, Conflict] as const,
});
