import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { Project } from '../projects/project.entity.ts';
import {
  DeleteProjectResult,
  DeleteProjectSuccess,
  PurgeProjectResult,
  PurgeProjectSuccess,
  RestoreProjectResult,
} from './lifecycle.results.ts';
import { purgeAt } from './lifecycle.settings.ts';

const theProject = { description: 'The project.' };

@Resolver(() => Project)
export class ProjectLifecycleResolver {
  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the trash removes it for good; null while it is not in the trash.',
  })
  purgeAt(@Root() { deletedAt }: Project, @Ctx() { lifecycle }: RequestContext) {
    return purgeAt(deletedAt, lifecycle.settings);
  }

  @Mutation(() => DeleteProjectResult, {
    description:
      'Put a project and all its sessions in the trash; what runs in them is stopped. The repository it was made from is not touched.',
  })
  async deleteProject(
    @Arg('id', () => ID, theProject) id: string,
    @Ctx() { projectLifecycle, viewer }: RequestContext,
  ) {
    const result = await projectLifecycle.delete(viewer, id);
    return result instanceof Project
      ? Object.assign(new DeleteProjectSuccess(), { projectId: String(result.id) })
      : result;
  }

  @Mutation(() => RestoreProjectResult, { description: 'Take a project out of the trash again, with its sessions.' })
  restoreProject(@Arg('id', () => ID, theProject) id: string, @Ctx() { projectLifecycle, viewer }: RequestContext) {
    return projectLifecycle.restore(viewer, id);
  }

  @Mutation(() => PurgeProjectResult, {
    description:
      'Delete a project in the trash for good, now: its sessions with their conversations and branches, and its copy of the repository. Cannot be undone. The repository it was made from is not touched.',
  })
  async purgeProject(@Arg('id', () => ID, theProject) id: string, @Ctx() { projectLifecycle, viewer }: RequestContext) {
    const result = await projectLifecycle.purge(viewer, id);
    return result instanceof Project
      ? Object.assign(new PurgeProjectSuccess(), { projectId: String(result.id) })
      : result;
  }
}
