import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { WorkspaceOperationResult } from '../operations/operation.resolver.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { Submodule } from './submodule.type.ts';

@Resolver(() => ChatSession)
export class ChatSessionSubmodulesResolver {
  @FieldResolver(() => [Submodule], {
    description:
      'The submodules that its newest commit pins and .gitmodules names, by path: at most 100. Ones whose name or path leads out of the repository are left out.',
  })
  submodules(@Root() session: ChatSession, @Ctx() { submodules }: RequestContext) {
    return submodules.list(session);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Fetch a submodule and put its files into its folder. They are plain files without a .git, nothing of it is run, and what lies there already is kept.',
  })
  checkOutSubmodule(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) chatSessionId: string,
    @Arg('path', () => String, { description: 'The folder of the submodule.' }) path: string,
    @Ctx() { submodules, viewer }: RequestContext,
  ) {
    return submodules.checkOut(viewer, chatSessionId, path);
  }
}
