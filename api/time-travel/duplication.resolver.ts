import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { CreateChatSessionResult } from '../sessions/session.results.ts';
import { DuplicateChatSessionInput } from './time-travel.inputs.ts';

@Resolver(() => ChatSession)
export class DuplicationResolver {
  @Mutation(() => CreateChatSessionResult, {
    description:
      'Copy a session: what was said in it, and its files, on a branch of its own. Runs are not copied, and messages are numbered from 1. The workspace is made in the background; messages sent meanwhile wait for it.',
  })
  duplicateChatSession(
    @Arg('input', () => DuplicateChatSessionInput, { description: 'What to copy.' }) input: DuplicateChatSessionInput,
    @Ctx() { duplication, viewer }: RequestContext,
  ) {
    return duplication.duplicate(viewer, input);
  }
}
