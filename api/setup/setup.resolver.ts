import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { UserError } from '../graphql/user-error.ts';
import { WorkspaceOperationResult } from '../operations/operation.resolver.ts';
import { Project } from '../projects/project.entity.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { ProjectFile } from './project-file.entity.ts';
import { ProjectSetup } from './project-setup.entity.ts';
import { SetProjectFileInput, UpdateProjectSetupInput } from './setup.inputs.ts';
import {
  DeleteProjectFileResult,
  DeleteProjectFileSuccess,
  SetProjectFileResult,
  SetupLogAppended,
  StopSetupResult,
  UpdateProjectSetupResult,
} from './setup.results.ts';
import { SetupRun } from './setup-run.entity.ts';

@Resolver(() => Project)
export class ProjectSetupResolver {
  @FieldResolver(() => ProjectSetup, { description: 'How its workspaces are set up after they are made.' })
  setup(@Root() project: Project, @Ctx() { projectSetups }: RequestContext) {
    return projectSetups.of(project.id);
  }

  @FieldResolver(() => [ProjectFile], {
    description: 'Files that are not in its repository and that every new workspace gets, by path; at most 100.',
  })
  files(@Root() project: Project, @Ctx() { projectSetups }: RequestContext) {
    return projectSetups.files(project.id);
  }

  @Mutation(() => UpdateProjectSetupResult, {
    description: 'Change how the workspaces of a project are set up. Those that are there stay as they are.',
  })
  updateProjectSetup(
    @Arg('input', () => UpdateProjectSetupInput, { description: 'What to change.' }) input: UpdateProjectSetupInput,
    @Ctx() { projectSetups, viewer }: RequestContext,
  ) {
    return projectSetups.update(viewer, input);
  }
}

@Resolver(() => ProjectFile)
export class ProjectFileResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'What it holds; null for a secret one, which nobody can read again, and when the key it was sealed with is lost.',
  })
  content(@Root() file: ProjectFile, @Ctx() { projectSetups }: RequestContext) {
    return projectSetups.readableContent(file);
  }

  @Mutation(() => SetProjectFileResult, {
    description:
      'Give every new workspace of a project a file. It never replaces one of the repository and is never committed; its content is kept encrypted.',
  })
  setProjectFile(
    @Arg('input', () => SetProjectFileInput, { description: 'The file.' }) input: SetProjectFileInput,
    @Ctx() { projectSetups, viewer }: RequestContext,
  ) {
    return projectSetups.setFile(viewer, input);
  }

  @Mutation(() => DeleteProjectFileResult, { description: 'New workspaces of the project no longer get this file.' })
  async deleteProjectFile(
    @Arg('projectId', () => ID, { description: 'The project.' }) projectId: string,
    @Arg('path', () => String, { description: 'Where it lies in the workspace.' }) path: string,
    @Ctx() { projectSetups, viewer }: RequestContext,
  ) {
    const result = await projectSetups.deleteFile(viewer, projectId, path);
    return result instanceof UserError ? result : Object.assign(new DeleteProjectFileSuccess(), result);
  }
}

@Resolver(() => ChatSession)
export class ChatSessionSetupResolver {
  @FieldResolver(() => SetupRun, {
    nullable: true,
    description: 'The newest setup of its workspace; null when its project had none to run.',
  })
  setup(@Root() session: ChatSession, @Ctx() { loaders }: RequestContext) {
    return loaders.latestSetupOfSession.load(session.key);
  }
}

@Resolver(() => SetupRun)
export class SetupRunResolver {
  @FieldResolver(() => String, {
    description:
      'What it wrote, both outputs in order, with the values of secret variables replaced by ***; at most 1,048,576 UTF-16 units.',
  })
  log(@Root() run: SetupRun, @Ctx() { setups }: RequestContext) {
    return setups.log(run);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Set the workspace of a session up once more, with the settings and files of now. Messages sent meanwhile wait for its end.',
  })
  rerunSetup(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) chatSessionId: string,
    @Ctx() { setups, viewer }: RequestContext,
  ) {
    return setups.rerun(viewer, chatSessionId);
  }

  @Mutation(() => StopSetupResult, {
    description: 'End the setup of a session that waits or is at work, with all it started. What it has made stays.',
  })
  stopSetup(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) chatSessionId: string,
    @Ctx() { setups, viewer }: RequestContext,
  ) {
    return setups.stop(viewer, chatSessionId);
  }

  @Subscription(() => SetupLogAppended, {
    description:
      'The log and the state of the newest setup of a session, first what is there already, then as it comes. A watcher that dropped off names the setup and the length of the log it has, and misses nothing.',
    subscribe: ({
      args,
      context,
    }: {
      args: { chatSessionId: string; setupRunId?: string | null; after?: number | null };
      context: RequestContext;
    }) => context.setups.watch(context.viewer, args.chatSessionId, args.setupRunId, args.after),
  })
  setupLogAppended(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) _chatSessionId: string,
    @Arg('setupRunId', () => ID, { nullable: true, description: 'The setup that `after` counts in.' }) _setupRunId:
      | string
      | null,
    @Arg('after', () => Int, {
      nullable: true,
      description: 'How much of its log you have, in UTF-16 units; the whole log is sent when left out.',
    })
    _after: number | null,
    @Root() event: SetupLogAppended,
  ): SetupLogAppended {
    return event;
  }
}
