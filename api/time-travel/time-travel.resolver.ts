import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { connectionOf } from '../graphql/connection.ts';
import { Message } from '../messages/message.entity.ts';
import { WorkspaceOperation } from '../operations/operation.entity.ts';
import { WorkspaceOperationResult } from '../operations/operation.resolver.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { User } from '../users/user.entity.ts';
import { Rewind } from './rewind.entity.ts';
import { RewindSessionInput } from './time-travel.inputs.ts';

const RewindConnection = connectionOf(Rewind, 'Rewind');

@Resolver(() => ChatSession)
export class ChatSessionRewindsResolver {
  @FieldResolver(() => RewindConnection, {
    description: 'Each time it was taken back to an earlier message, or forth again; the newest first.',
  })
  async rewinds(
    @Root() session: ChatSession,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many at most, up to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this cursor.' }) after: string | null,
    @Ctx() { timeTravel }: RequestContext,
  ) {
    return new RewindConnection(await timeTravel.list(session.key, { first, after }));
  }
}

@Resolver(() => WorkspaceOperation)
export class OperationRewindResolver {
  @FieldResolver(() => Rewind, { nullable: true, description: 'Of a rewind or its undoing: what came of it.' })
  rewind(@Root() operation: WorkspaceOperation, @Ctx() { timeTravel }: RequestContext) {
    return operation.result?.rewindId ? timeTravel.rewindOf(operation.id) : null;
  }
}

@Resolver(() => Rewind)
export class RewindResolver {
  @FieldResolver(() => User, { nullable: true, description: 'Who did it; null for people who are gone.' })
  author(@Root() rewind: Rewind, @Ctx() { loaders }: RequestContext) {
    return rewind.createdById === null ? null : loaders.user.load(rewind.createdById);
  }

  @FieldResolver(() => ID, { nullable: true, description: 'Of kind RESTORE: the rewind that it undid.' })
  restoredRewindId(@Root() rewind: Rewind): string | null {
    return rewind.restoredRewindId === null ? null : String(rewind.restoredRewindId);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Take a session back to an earlier message: the conversation and the files. Everything that is taken back is kept, also files that were not committed; restoreRewind brings it back. Watchers get ConversationRewound.',
  })
  rewindSession(
    @Arg('input', () => RewindSessionInput, { description: 'How far.' }) input: RewindSessionInput,
    @Ctx() { timeTravel, viewer }: RequestContext,
  ) {
    return timeTravel.rewind(viewer, input);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Undo a rewind: the conversation and the files are as they were before it, and what was not committed is not committed again. What was said and written since is kept as a rewind of its own. Watchers get ConversationRestored.',
  })
  restoreRewind(
    @Arg('id', () => ID, { description: 'The rewind.' }) id: string,
    @Ctx() { timeTravel, viewer }: RequestContext,
  ) {
    return timeTravel.restore(viewer, id);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Undo what one turn did to the files, by a commit of its own; later turns stay. The conversation gets a message with a notice and the commit. Fails with UNDO_CONFLICT, and changes nothing, where later turns changed the same lines.',
  })
  undoTurn(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) chatSessionId: string,
    @Arg('messageId', () => ID, {
      description: 'The message with the commit; one that undid something can be undone, too.',
    })
    messageId: string,
    @Ctx() { timeTravel, viewer }: RequestContext,
  ) {
    return timeTravel.undoTurn(viewer, chatSessionId, messageId);
  }
}

@Resolver(() => Message)
export class MessageUndoResolver {
  @FieldResolver(() => ID, { nullable: true, description: 'The message whose changes this one undid.' })
  undoesMessageId(@Root() message: Message): string | null {
    return message.undoesMessageId ? String(message.undoesMessageId) : null;
  }

  @FieldResolver(() => ID, { nullable: true, description: 'The newest message that undid the changes of this one.' })
  async undoneByMessageId(@Root() message: Message, @Ctx() { loaders }: RequestContext): Promise<string | null> {
    const id = await loaders.undoOfMessage.load(message.id);
    return id === null ? null : String(id);
  }
}
