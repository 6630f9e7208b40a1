import {
  Arg,
  Ctx,
  createUnionType,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { connectionOf } from '../graphql/connection.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { Run } from '../runs/run.entity.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { User } from '../users/user.entity.ts';
import { Message } from './message.entity.ts';
import { SendMessageInput } from './message.inputs.ts';
import { MessagePart, toPart } from './message-part.type.ts';
import { ChatSessionEvent } from './session-event.type.ts';

const MessageConnection = connectionOf(Message, 'Message');

@ObjectType({ description: 'The message is stored, and its run is queued.' })
class SendMessageSuccess {
  @Field(() => Message, { description: 'The message. Not called `message`, which every UserError has.' })
  sentMessage!: Message;

  @Field(() => Run, { description: 'The run that will answer it.' })
  run!: Run;
}

@ObjectType({ description: 'The queued message is taken back.' })
class DeleteQueuedMessageSuccess {
  @Field(() => ID, { description: 'The message that is gone.' })
  messageId!: string;
}

const SendMessageResult = createUnionType({
  name: 'SendMessageResult',
  description: 'The stored message and its run, or why nothing was sent.',
  types: () => [SendMessageSuccess, InvalidInput, NotFound, Conflict] as const,
});

const EditQueuedMessageResult = createUnionType({
  name: 'EditQueuedMessageResult',
  description: 'The message as it is now, or why it stayed as it was.',
  types: () => [Message, InvalidInput, NotFound, Conflict] as const,
});

const DeleteQueuedMessageResult = createUnionType({
  name: 'DeleteQueuedMessageResult',
  description: 'That the message is taken back, or why it is not.',
  types: () => [DeleteQueuedMessageSuccess, NotFound, Conflict] as const,
});

@Resolver(() => ChatSession)
export class ChatSessionMessagesResolver {
  @FieldResolver(() => MessageConnection, {
    description:
      'What was said in it, in order, without queued messages. Give first or last, not both; the last 50 when neither is given.',
  })
  async messages(
    @Root() session: ChatSession,
    @Arg('first', () => Int, { nullable: true, description: 'So many from the front, up to 100.' }) first:
      | number
      | null,
    @Arg('after', () => String, { nullable: true, description: 'Only behind this cursor.' }) after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'So many from the end, up to 100.' }) last: number | null,
    @Arg('before', () => String, { nullable: true, description: 'Only before this cursor.' }) before: string | null,
    @Ctx() { messages }: RequestContext,
  ) {
    return new MessageConnection(await messages.list(session.key, { first, after, last, before }));
  }

  @FieldResolver(() => [Message], { description: 'Messages that wait for the run before them, in order.' })
  queuedMessages(@Root() session: ChatSession, @Ctx() { messages }: RequestContext) {
    return messages.queued(session.key);
  }
}

@Resolver(() => Message)
export class MessageResolver {
  @FieldResolver(() => User, {
    nullable: true,
    description: 'The person who sent it, or who undid a turn by it; null for the agent, and for people who are gone.',
  })
  author(@Root() message: Message, @Ctx() { loaders }: RequestContext) {
    return message.userId === null || message.userId === undefined ? null : loaders.user.load(message.userId);
  }

  @FieldResolver(() => [MessagePart], { description: 'Its pieces in order: words, tool calls, commits.' })
  async parts(@Root() message: Message, @Ctx() { loaders }: RequestContext): Promise<MessagePart[]> {
    return (message.partsThen ?? (await loaders.partsOfMessage.load(message.id))).map(toPart);
  }

  @FieldResolver(() => String, {
    description: 'The words alone, as Markdown, without tool calls; of a message that still streams, those so far.',
  })
  async text(@Root() message: Message, @Ctx() { loaders }: RequestContext): Promise<string> {
    if (message.status !== 'streaming') return message.content;
    const parts = message.partsThen ?? (await loaders.partsOfMessage.load(message.id));
    return parts
      .filter(({ kind }) => kind === 'text')
      .map(({ text }) => text)
      .join('\n\n');
  }

  @FieldResolver(() => Run, {
    nullable: true,
    description: 'The run that wrote it, or the newest one that answers it.',
  })
  run(@Root() message: Message, @Ctx() { loaders }: RequestContext) {
    return message.runId === null || message.runId === undefined ? null : loaders.run.load(message.runId);
  }

  @Mutation(() => SendMessageResult, {
    description: 'Say something in a session. When it returns, the message is stored. While a run is on, it is queued.',
  })
  async sendMessage(
    @Arg('input', () => SendMessageInput, { description: 'What to say, and where.' }) input: SendMessageInput,
    @Ctx() { messages, viewer }: RequestContext,
  ) {
    const result = await messages.send(viewer, input);
    return 'run' in result
      ? Object.assign(new SendMessageSuccess(), { sentMessage: result.message, run: result.run })
      : result;
  }

  @Mutation(() => EditQueuedMessageResult, { description: 'Change a message the agent does not have yet.' })
  editQueuedMessage(
    @Arg('id', () => ID, { description: 'The message.' }) id: string,
    @Arg('text', () => String, { description: 'What it says instead.' }) text: string,
    @Ctx() { messages, viewer }: RequestContext,
  ) {
    return messages.editQueued(viewer, id, text);
  }

  @Mutation(() => DeleteQueuedMessageResult, { description: 'Take back a message the agent does not have yet.' })
  async deleteQueuedMessage(
    @Arg('id', () => ID, { description: 'The message.' }) id: string,
    @Ctx() { messages, viewer }: RequestContext,
  ) {
    const result = await messages.deleteQueued(viewer, id);
    return result instanceof Message
      ? Object.assign(new DeleteQueuedMessageSuccess(), { messageId: String(result.id) })
      : result;
  }

  @Subscription(() => ChatSessionEvent, {
    description:
      'What happens in a session, as it happens. With `after`, first everything stored behind that number: a watcher that dropped off names the last number it saw and misses nothing. Without it only what is still to come.',
    subscribe: ({
      args,
      context,
    }: {
      args: { chatSessionId: string; after?: number | null };
      context: RequestContext;
    }) => context.messages.watch(context.viewer, args.chatSessionId, args.after),
  })
  chatSessionEvents(
    @Arg('chatSessionId', () => ID, { description: 'The session.' }) _chatSessionId: string,
    @Arg('after', () => Int, { nullable: true, description: 'The last number seen; 0 for the whole history.' }) _after:
      | number
      | null,
    @Root() event: ChatSessionEvent,
  ): ChatSessionEvent {
    return event;
  }
}
