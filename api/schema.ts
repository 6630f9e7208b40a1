import 'reflect-metadata';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import {
  BaseUpdateResolver,
  ChatSessionBaseUpdateResolver,
  FileVersionResolver,
  OperationBaseUpdateResolver,
} from './base-updates/base-update.resolver.ts';
import { BranchStatusResolver, ChatSessionBranchStatusResolver } from './branch-status/branch-status.resolver.ts';
import { ChatSessionFilesResolver } from './files/file.resolver.ts';
import { scalarsMap } from './graphql/scalars.ts';
import { requireSignIn } from './graphql/signed-in.ts';
import { ChatSessionLifecycleResolver } from './lifecycle/lifecycle.resolver.ts';
import { ProjectLifecycleResolver } from './lifecycle/project-lifecycle.resolver.ts';
import { ChatSessionMessagesResolver, MessageResolver } from './messages/message.resolver.ts';
import {
  CommitPart,
  NoticePart,
  PlanPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
} from './messages/message-part.type.ts';
import {
  ConversationRestored,
  ConversationRewound,
  MessageAdded,
  MessageRemoved,
  MessageUpdated,
  PartAdded,
  PartUpdated,
  RunUpdated,
  TextAppended,
} from './messages/session-event.type.ts';
import { ChatSessionOperationsResolver, WorkspaceOperationResolver } from './operations/operation.resolver.ts';
import { ProjectRefreshResolver } from './project-refreshes/project-refresh.resolver.ts';
import { BranchResolver, ProjectResolver } from './projects/project.resolver.ts';
import { RepositoryNoticeResolver } from './repository-notices/repository-notice.resolver.ts';
import { RunResolver } from './runs/run.resolver.ts';
import { ServerResolver } from './server.resolver.ts';
import { ChatSessionResolver, ProjectSessionsResolver } from './sessions/session.resolver.ts';
import { EnvironmentVariableResolver, ProjectEnvironmentResolver } from './settings/environment.resolver.ts';
import {
  ChatSessionSetupResolver,
  ProjectFileResolver,
  ProjectSetupResolver,
  SetupRunResolver,
} from './setup/setup.resolver.ts';
import { ChatSessionSubmodulesResolver } from './submodules/submodule.resolver.ts';
import { DuplicationResolver } from './time-travel/duplication.resolver.ts';
import {
  ChatSessionRewindsResolver,
  MessageUndoResolver,
  OperationRewindResolver,
  RewindResolver,
} from './time-travel/time-travel.resolver.ts';

/** The whole contract. schema.graphql is printed from it. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      ServerResolver,
      ProjectResolver,
      BranchResolver,
      ProjectRefreshResolver,
      RepositoryNoticeResolver,
      ProjectSessionsResolver,
      ChatSessionResolver,
      ChatSessionMessagesResolver,
      MessageResolver,
      RunResolver,
      ChatSessionOperationsResolver,
      WorkspaceOperationResolver,
      ChatSessionFilesResolver,
      ChatSessionRewindsResolver,
      MessageUndoResolver,
      OperationRewindResolver,
      RewindResolver,
      ChatSessionSubmodulesResolver,
      ...[ChatSessionBaseUpdateResolver, OperationBaseUpdateResolver, BaseUpdateResolver, FileVersionResolver],
      DuplicationResolver,
      ProjectEnvironmentResolver,
      EnvironmentVariableResolver,
      ...[ChatSessionBranchStatusResolver, BranchStatusResolver],
      ...[ProjectSetupResolver, ProjectFileResolver, ChatSessionSetupResolver, SetupRunResolver],
      ChatSessionLifecycleResolver,
      ProjectLifecycleResolver,
    ],
    orphanedTypes: [
      ...[TextPart, ReasoningPart, ToolCallPart, PlanPart, CommitPart, NoticePart],
      ...[MessageAdded, MessageUpdated, MessageRemoved, PartAdded, PartUpdated, TextAppended, RunUpdated],
      ...[ConversationRewound, ConversationRestored],
    ],
    scalarsMap,
    globalMiddlewares: [requireSignIn],
    validate: false,
    // Every subscription brings a `subscribe` of its own; type-graphql wants one of these all the same.
    pubSub: {
      publish: () => undefined,
      subscribe: () => {
        throw new Error('Subscriptions here have a subscribe function of their own.');
      },
    },
  });
  describe(schema.getQueryType(), 'What can be asked.');
  describe(
    schema.getMutationType(),
    'What can be done. What the person can put right comes back as a member of the result that is a UserError.',
  );
  describe(schema.getSubscriptionType(), 'What can be watched, over graphql-ws on the same path.');
  return schema;
}

/** type-graphql has no place for what the root types are about. */
function describe(type: GraphQLObjectType | null | undefined, description: string): void {
  if (type) type.description = description;
}
