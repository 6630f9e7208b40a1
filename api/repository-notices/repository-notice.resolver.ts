import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { Project } from '../projects/project.entity.ts';
import { RepositoryNotice } from './repository-notice.type.ts';

@Resolver(() => Project)
export class RepositoryNoticeResolver {
  @FieldResolver(() => [RepositoryNotice], {
    nullable: true,
    description:
      'What to know about its default branch before working in it, such as files kept by Git LFS: at most one of each kind. Null while nobody can tell: it is being prepared, or its runner is away. Looks through the whole branch, so ask for it on a page of one project, not in lists.',
  })
  repositoryNotices(@Root() project: Project, @Ctx() { repositoryNotices }: RequestContext) {
    return repositoryNotices.of(project);
  }
}
