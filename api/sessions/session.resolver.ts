import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Agent } from '../agents/agent.type.ts';
import type { RequestContext } from '../context.ts';
import { ChangeKind } from '../graphql/change-kind.ts';
import { Project } from '../projects/project.entity.ts';
import { PullRequest } from '../pull-requests/pull-request.type.ts';
import { Run } from '../runs/run.entity.ts';
import { ChatSession } from './session.entity.ts';
import {
  ChatSessionFilter,
  ChatSessionOrder,
  CreateChatSessionInput,
  UpdateChatSessionInput,
} from './session.inputs.ts';
import {
  ChatSessionChange,
  ChatSessionConnection,
  CreateChatSessionResult,
  UpdateChatSessionResult,
  Workspace,
} from './session.results.ts';

const theSession = { description: 'The session.' };

@Resolver(() => Project)
export class ProjectSessionsResolver {
  @FieldResolver(() => ChatSessionConnection, { description: 'Its sessions; those in the trash only when asked for.' })
  async sessions(
    @Root() project: Project,
    @Arg('first', () => Int, { defaultValue: 50, description: 'How many at most, up to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this cursor.' }) after: string | null,
    @Arg('filter', () => ChatSessionFilter, { nullable: true, description: 'Which ones.' })
    filter: ChatSessionFilter | null,
    @Arg('orderBy', () => ChatSessionOrder, {
      defaultValue: ChatSessionOrder.LAST_ACTIVITY,
      description: 'In which order.',
    })
    orderBy: ChatSessionOrder,
    @Ctx() { sessions, viewer }: RequestContext,
  ) {
    return new ChatSessionConnection(
      await sessions.list(viewer, { projectId: project.id, first, after, filter, orderBy }),
    );
  }

  @FieldResolver(() => ChatSession, {
    nullable: true,
    description: 'The session you last selected in it, unless that is in the trash.',
  })
  selectedSession(@Root() project: Project, @Ctx() { sessions, viewer }: RequestContext) {
    return sessions.selected(viewer, project.id);
  }
}

@Resolver(() => ChatSession)
export class ChatSessionResolver {
  @Query(() => ChatSession, {
    nullable: true,
    description: 'A session by its id, also from the trash; null when there is none, or it is not yours.',
  })
  chatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { sessions, viewer }: RequestContext) {
    return sessions.find(viewer, id);
  }

  @FieldResolver(() => Project, { description: 'The project it belongs to.' })
  project(@Root() session: ChatSession, @Ctx() { loaders }: RequestContext) {
    return loaders.project.load(session.projectId);
  }

  @FieldResolver(() => Agent, { description: 'The agent that answers in it.' })
  agent(@Root() session: ChatSession, @Ctx() { server }: RequestContext): Agent {
    return (
      server.agents.find(({ id }) => id === session.agentId) ?? {
        id: session.agentId,
        name: session.agentId,
        hasModel: false,
      }
    );
  }

  @FieldResolver(() => Workspace, { description: 'Its own directory.' })
  workspace(@Root() session: ChatSession): Workspace {
    const { workspaceStatus: status, workspaceMessage: message, workspaceProgress: progress } = session;
    return { status, message, progress, headSha: session.headSha, cleanedAt: session.cleanedAt };
  }

  @FieldResolver(() => Int, { description: 'How many messages were said in it that you have not read.' })
  unreadCount(@Root() session: ChatSession, @Ctx() { loaders }: RequestContext) {
    return loaders.unreadOfSession.load(session.key);
  }

  @FieldResolver(() => Run, { nullable: true, description: 'Its newest run, whatever its state.' })
  latestRun(@Root() session: ChatSession, @Ctx() { loaders }: RequestContext) {
    return loaders.latestRunOfSession.load(session.key);
  }

  @FieldResolver(() => PullRequest, { nullable: true, description: 'The pull request opened from it.' })
  pullRequest(): null {
    return null;
  }

  @Mutation(() => CreateChatSessionResult, {
    description:
      'Begin a conversation on a branch of its own. The workspace is made in the background; messages sent meanwhile wait for it.',
  })
  createChatSession(
    @Arg('input', () => CreateChatSessionInput, { description: 'The new session.' }) input: CreateChatSessionInput,
    @Ctx() { sessions, viewer }: RequestContext,
  ) {
    return sessions.create(viewer, input);
  }

  @Mutation(() => UpdateChatSessionResult, {
    description: 'Give a session another title or description; its branch keeps its name.',
  })
  updateChatSession(
    @Arg('input', () => UpdateChatSessionInput, { description: 'What to change.' }) input: UpdateChatSessionInput,
    @Ctx() { sessions, viewer }: RequestContext,
  ) {
    return sessions.update(viewer, input);
  }

  @Mutation(() => UpdateChatSessionResult, {
    description: 'Mark the work of a session as done. What runs in it is stopped.',
  })
  completeChatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { sessions, viewer }: RequestContext) {
    return sessions.complete(viewer, id);
  }

  @Mutation(() => UpdateChatSessionResult, {
    description: 'Remember a session as the one you have open in its project.',
  })
  selectChatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { sessions, viewer }: RequestContext) {
    return sessions.select(viewer, id);
  }

  @Mutation(() => UpdateChatSessionResult, { description: 'Mark messages as read by you.' })
  markChatSessionRead(
    @Arg('id', () => ID, theSession) id: string,
    @Arg('upToMessageNumber', () => Int, {
      nullable: true,
      description: 'The last one you have read; all when left out.',
    })
    upToMessageNumber: number | null,
    @Ctx() { sessions, viewer }: RequestContext,
  ) {
    return sessions.markRead(viewer, id, upToMessageNumber);
  }

  @Subscription(() => ChatSessionChange, {
    description: 'Every change to a session of this project that a list shows, from whoever made it.',
    subscribe: ({ args, context }: { args: { projectId: string }; context: RequestContext }) =>
      context.sessions.watch(context.viewer, args.projectId),
  })
  chatSessionChanged(
    @Arg('projectId', () => ID, { description: 'The project.' }) _projectId: string,
    @Root() change: { session: ChatSession | null; sessionId: string; kind: `${ChangeKind}` },
  ): ChatSessionChange {
    const kind = change.session ? (change.kind as ChangeKind) : ChangeKind.REMOVED;
    return { kind, chatSessionId: change.sessionId, chatSession: change.session };
  }
}
