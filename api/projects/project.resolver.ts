import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { ChangeKind } from '../graphql/change-kind.ts';
import { Branch } from './branch.entity.ts';
import { Project } from './project.entity.ts';
import { CreateProjectInput, UpdateProjectInput } from './project.inputs.ts';
import {
  CreateProjectResult,
  ProjectChange,
  ProjectConnection,
  RetryProjectResult,
  UpdateProjectResult,
} from './project.results.ts';

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => Project, {
    nullable: true,
    description: 'A project by its id; null when there is none, or it is not yours.',
  })
  project(
    @Arg('id', () => ID, { description: 'The project.' }) id: string,
    @Ctx() { projects, viewer }: RequestContext,
  ) {
    return projects.find(viewer, id);
  }

  @Query(() => ProjectConnection, { description: 'Your projects, the newest first.' })
  async projects(
    @Arg('first', () => Int, { defaultValue: 50, description: 'How many at most, up to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this cursor.' }) after: string | null,
    @Arg('inTrash', () => Boolean, { defaultValue: false, description: 'Those in the trash instead of all others.' })
    inTrash: boolean,
    @Ctx() { projects, viewer }: RequestContext,
  ) {
    return new ProjectConnection(await projects.list(viewer, { first, after, inTrash }));
  }

  @FieldResolver(() => [Branch], { description: 'The branches of its repository, by name.' })
  branches(@Root() project: Project, @Ctx() { projects }: RequestContext) {
    return projects.branches(project);
  }

  @Mutation(() => CreateProjectResult, {
    description:
      'Add a repository as a project. It is prepared in the background: watch projectChanged, or send messages right away; they wait.',
  })
  createProject(
    @Arg('input', () => CreateProjectInput, { description: 'Where the repository comes from.' })
    input: CreateProjectInput,
    @Ctx() { projects, viewer }: RequestContext,
  ) {
    return projects.create(viewer, input);
  }

  @Mutation(() => UpdateProjectResult, { description: 'Give a project another name, description or retention.' })
  updateProject(
    @Arg('input', () => UpdateProjectInput, { description: 'What to change.' }) input: UpdateProjectInput,
    @Ctx() { projects, viewer }: RequestContext,
  ) {
    return projects.update(viewer, input);
  }

  @Mutation(() => RetryProjectResult, { description: 'Try to prepare a failed project again.' })
  retryProject(
    @Arg('id', () => ID, { description: 'The project.' }) id: string,
    @Ctx() { projects, viewer }: RequestContext,
  ) {
    return projects.retry(viewer, id);
  }

  @Subscription(() => ProjectChange, {
    description: 'Every change to one of your projects, among them how far its preparation is.',
    subscribe: ({ context }: { context: RequestContext }) => context.projects.watch(context.viewer),
  })
  async projectChanged(
    @Root() { projectId, kind }: { projectId: number; kind: `${ChangeKind}` },
    @Ctx() { projects, viewer }: RequestContext,
  ): Promise<ProjectChange> {
    const project = await projects.find(viewer, String(projectId));
    return { kind: project ? (kind as ChangeKind) : ChangeKind.REMOVED, projectId: String(projectId), project };
  }
}

@Resolver(() => Branch)
export class BranchResolver {
  @FieldResolver(() => Boolean, { description: 'Whether new sessions start from it.' })
  async isDefault(@Root() branch: Branch, @Ctx() { loaders }: RequestContext): Promise<boolean> {
    return (await loaders.project.load(branch.projectId))?.defaultBranch === branch.name;
  }

  @FieldResolver(() => Boolean, { description: 'Whether a chat session commits to it.' })
  isSessionBranch(@Root() branch: Branch): boolean {
    return branch.name.startsWith('kosuke-chat-');
  }
}
