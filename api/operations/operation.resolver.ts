import { Arg, Ctx, createUnionType, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { WorkspaceOperation, WorkspaceOperationKind, WorkspaceOperationStatus } from './operation.entity.ts';

export const WorkspaceOperationResult = createUnionType({
  name: 'WorkspaceOperationResult',
  description: 'The operation, ended or, when it takes long, still under way; or why it was not begun.',
  types: () => [WorkspaceOperation, InvalidInput, NotFound, Conflict] as const,
});

@Resolver(() => ChatSession)
export class ChatSessionOperationsResolver {
  @FieldResolver(() => WorkspaceOperation, {
    nullable: true,
    description: 'The newest operation on its workspace, under way or ended. Changes come over chatSessionChanged.',
  })
  latestOperation(@Root() session: ChatSession, @Ctx() { loaders }: RequestContext) {
    return loaders.latestOperationOfSession.load(session.key);
  }
}

@Resolver(() => WorkspaceOperation)
export class WorkspaceOperationResolver {
  @FieldResolver(() => [String], {
    description: 'On failed ones: the files that stand in the way, the first hundred by path.',
  })
  errorPaths(@Root() operation: WorkspaceOperation): string[] {
    return operation.status === WorkspaceOperationStatus.FAILED ? ((operation.result?.paths as string[]) ?? []) : [];
  }

  @Query(() => WorkspaceOperation, {
    nullable: true,
    description: 'An operation by its id; null when there is none, or it is not yours.',
  })
  workspaceOperation(
    @Arg('id', () => ID, { description: 'The operation.' }) id: string,
    @Ctx() { operations, viewer }: RequestContext,
  ) {
    return operations.find(viewer, id);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      "Put HEAD of a session's workspace back on the branch of the session. The files stay as they are, and what differs from the branch is committed with the next turn.",
  })
  repairBranch(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) chatSessionId: string,
    @Ctx() { operations, viewer }: RequestContext,
  ) {
    return operations.request(viewer, chatSessionId, WorkspaceOperationKind.REPAIR_BRANCH);
  }
}
