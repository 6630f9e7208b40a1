import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { UserError } from '../graphql/user-error.ts';
import { Project } from '../projects/project.entity.ts';
import { ImportEnvironmentVariablesInput, SetEnvironmentVariableInput } from './environment.inputs.ts';
import {
  DeleteEnvironmentVariableResult,
  DeleteEnvironmentVariableSuccess,
  ImportEnvironmentVariablesResult,
  ImportEnvironmentVariablesSuccess,
  SetEnvironmentVariableResult,
} from './environment.results.ts';
import { EnvironmentVariable } from './environment-variable.entity.ts';

@Resolver(() => Project)
export class ProjectEnvironmentResolver {
  @FieldResolver(() => [EnvironmentVariable], {
    description: 'The environment variables it gives the programs of its workspaces, by name; at most 200.',
  })
  environmentVariables(@Root() project: Project, @Ctx() { environment }: RequestContext) {
    return environment.list(project.id);
  }
}

@Resolver(() => EnvironmentVariable)
export class EnvironmentVariableResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Its value; null for a secret, which nobody can read again, and when the key it was sealed with is lost.',
  })
  value(@Root() variable: EnvironmentVariable, @Ctx() { environment }: RequestContext) {
    return environment.readableValue(variable);
  }

  @Mutation(() => SetEnvironmentVariableResult, {
    description:
      'Set an environment variable of a project, or change who gets it. An agent that waits for its next message is started anew with it; one at work keeps what it has until its turn ends.',
  })
  setEnvironmentVariable(
    @Arg('input', () => SetEnvironmentVariableInput, { description: 'The variable.' })
    input: SetEnvironmentVariableInput,
    @Ctx() { environment, viewer }: RequestContext,
  ) {
    return environment.set(viewer, input);
  }

  @Mutation(() => ImportEnvironmentVariablesResult, {
    description:
      'Set the variables of a .env file. Lines that cannot be used are named and set nothing; all others are set. Nothing in a value is expanded.',
  })
  async importEnvironmentVariables(
    @Arg('input', () => ImportEnvironmentVariablesInput, { description: 'The file, and how to keep its values.' })
    input: ImportEnvironmentVariablesInput,
    @Ctx() { environment, viewer }: RequestContext,
  ) {
    const result = await environment.import(viewer, input);
    return result instanceof UserError ? result : Object.assign(new ImportEnvironmentVariablesSuccess(), result);
  }

  @Mutation(() => DeleteEnvironmentVariableResult, { description: 'Delete an environment variable of a project.' })
  async deleteEnvironmentVariable(
    @Arg('projectId', () => ID, { description: 'The project.' }) projectId: string,
    @Arg('name', () => String, { description: 'The name of the variable.' }) name: string,
    @Ctx() { environment, viewer }: RequestContext,
  ) {
    const result = await environment.delete(viewer, projectId, name);
    return result instanceof UserError ? result : Object.assign(new DeleteEnvironmentVariableSuccess(), result);
  }
}
