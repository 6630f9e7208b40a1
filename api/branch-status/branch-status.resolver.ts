import { Arg, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { BranchStatus, DirtyFile } from './branch-status.entity.ts';

@Resolver(() => ChatSession)
export class ChatSessionBranchStatusResolver {
  @FieldResolver(() => BranchStatus, {
    nullable: true,
    description:
      'Where its branch and files stand; null until its workspace has been made. chatSessionChanged tells when sync, aheadOfBase or behindBase has changed, branchStatusChanged of everything.',
  })
  branchStatus(@Root() session: ChatSession, @Ctx() { loaders }: RequestContext) {
    return loaders.branchStatusOfSession.load(session.key);
  }
}

@Resolver(() => BranchStatus)
export class BranchStatusResolver {
  @FieldResolver(() => [DirtyFile], {
    description: 'The files that differ from the last commit, by path, at most 200 of dirtyFileCount.',
  })
  async dirtyFiles(@Root() status: BranchStatus, @Ctx() { loaders }: RequestContext): Promise<DirtyFile[]> {
    return status.dirtyFiles ?? (await loaders.branchPathsOfSession.load(status.chatSessionKey)).dirtyFiles;
  }

  @FieldResolver(() => [String], {
    description:
      'The files that a merge with the base branch would leave in conflict, at most 200 of conflictCount. What is not committed does not count.',
  })
  async conflictPaths(@Root() status: BranchStatus, @Ctx() { loaders }: RequestContext): Promise<string[]> {
    return status.conflictPaths ?? (await loaders.branchPathsOfSession.load(status.chatSessionKey)).conflictPaths;
  }

  @Subscription(() => BranchStatus, {
    description:
      'Where the branch of a session stands: at once when that is known, then after each change. While somebody watches, changes to its files are noticed within a second or, under constant writing, a few.',
    subscribe: ({ args, context }: { args: { chatSessionId: string }; context: RequestContext }) =>
      context.branchStatuses.watch(context.viewer, args.chatSessionId),
  })
  branchStatusChanged(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) _chatSessionId: string,
    @Root() status: BranchStatus,
  ): BranchStatus {
    return status;
  }
}
