import { Arg, Ctx, createUnionType, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { Project } from '../projects/project.entity.ts';
import { ProjectRefresh } from './project-refresh.entity.ts';

const RefreshProjectResult = createUnionType({
  name: 'RefreshProjectResult',
  description: 'The refresh, ended or, when the source is slow, still under way; or why it was not begun.',
  types: () => [ProjectRefresh, NotFound, Conflict] as const,
});

@Resolver(() => Project)
export class ProjectRefreshResolver {
  @FieldResolver(() => ProjectRefresh, {
    nullable: true,
    description: 'The newest refresh from its source, under way or ended. Changes come over projectChanged.',
  })
  latestRefresh(@Root() project: Project, @Ctx() { projectRefreshes }: RequestContext) {
    return projectRefreshes.latest(project);
  }

  @Mutation(() => RefreshProjectResult, {
    description:
      'Ask the source of a project, its path or URL, for what is new there. Branches of the project become those of the source; branches of sessions stay as they are. New sessions start from what came.',
  })
  refreshProject(
    @Arg('id', () => ID, { description: 'The project.' }) id: string,
    @Ctx() { projectRefreshes, viewer }: RequestContext,
  ) {
    return projectRefreshes.request(viewer, id);
  }
}
