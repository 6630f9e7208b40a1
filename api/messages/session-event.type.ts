import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { Run } from '../runs/run.entity.ts';
import { Message, type MessagePartRow } from './message.entity.ts';
import { MessagePart, toPart } from './message-part.type.ts';

@InterfaceType({
  description:
    'Something that happened in a session. Events are stored before they are sent, and numbered without gaps, so a watcher that drops off reads on from the last number it saw.',
  resolveType: (event: ChatSessionEvent) => event.constructor.name,
})
export abstract class ChatSessionEvent {
  @Field(() => Int, { description: 'Its number in the session, from 1, without gaps.' })
  seq!: number;

  @Field(() => Date, { description: 'When it was stored.' })
  at!: Date;
}

@ObjectType({ implements: ChatSessionEvent, description: 'A message came into the conversation, or into the queue.' })
export class MessageAdded extends ChatSessionEvent {
  @Field(() => Message, {
    description: 'The message as it was then; the parts of an answer follow as events of their own.',
  })
  message!: Message;
}

@ObjectType({
  implements: ChatSessionEvent,
  description: 'The number, status or (while queued) text of a message changed. Its parts are not repeated here.',
})
export class MessageUpdated extends ChatSessionEvent {
  @Field(() => Message, { description: 'The message as it was then.' })
  message!: Message;
}

@ObjectType({ implements: ChatSessionEvent, description: 'A queued message was taken back.' })
export class MessageRemoved extends ChatSessionEvent {
  @Field(() => ID, { description: 'The message that is gone.' })
  messageId!: string;
}

@ObjectType({ implements: ChatSessionEvent, description: 'A message got another part.' })
export class PartAdded extends ChatSessionEvent {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field(() => MessagePart, { description: 'The part as it was then.' })
  part!: MessagePart;
}

@ObjectType({
  implements: ChatSessionEvent,
  description: 'A part changed in everything but its streamed text: the status of a tool call, a plan.',
})
export class PartUpdated extends ChatSessionEvent {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field(() => MessagePart, { description: 'The part as it was then; a tool call carries no output here.' })
  part!: MessagePart;
}

@ObjectType({
  implements: ChatSessionEvent,
  description: 'The streamed text of a part grew: words, thoughts, or the output of a tool.',
})
export class TextAppended extends ChatSessionEvent {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field(() => Int, { description: 'The part.' })
  position!: number;

  @Field(() => Int, {
    description: 'Length of its text before, in UTF-16 units: what lies before it you have already.',
  })
  offset!: number;

  @Field(() => String, { description: 'What is added at the end.' })
  text!: string;
}

@ObjectType({ implements: ChatSessionEvent, description: 'A run changed its state.' })
export class RunUpdated extends ChatSessionEvent {
  @Field(() => Run, { description: 'The run as it was then.' })
  run!: Run;
}

@ObjectType({ description: 'Messages that follow each other, by their numbers.' })
export class MessageNumberRange {
  @Field(() => Int, { description: 'Number of the first.' })
  from!: number;

  @Field(() => Int, { description: 'Number of the last.' })
  to!: number;
}

@ObjectType({
  implements: ChatSessionEvent,
  description:
    'The conversation was taken back to an earlier message, and the files with it. Numbers are never given again: what is said next goes on behind the highest one.',
})
export class ConversationRewound extends ChatSessionEvent {
  @Field(() => ID, { description: 'The rewind; restoreRewind undoes it.' })
  rewindId!: string;

  @Field(() => [MessageNumberRange], { description: 'Messages that are no longer in the conversation.' })
  removed!: MessageNumberRange[];

  @Field(() => Int, { description: 'How many messages the conversation has now.' })
  messageCount!: number;
}

@ObjectType({
  implements: ChatSessionEvent,
  description:
    'A rewind was undone: the conversation and the files are as they were before it. What had been said since is kept as a rewind of its own.',
})
export class ConversationRestored extends ChatSessionEvent {
  @Field(() => ID, { description: 'The rewind that was undone.' })
  restoredRewindId!: string;

  @Field(() => ID, { description: 'The rewind that keeps what had been said since; restoreRewind brings that back.' })
  rewindId!: string;

  @Field(() => [MessageNumberRange], { description: 'Messages that are no longer in the conversation.' })
  removed!: MessageNumberRange[];

  @Field(() => [MessageNumberRange], {
    description: 'Messages that are in the conversation again, under their old numbers.',
  })
  returned!: MessageNumberRange[];

  @Field(() => Int, { description: 'How many messages the conversation has now.' })
  messageCount!: number;
}

type Snapshot<T> = { [K in keyof T]?: T[K] | string };

/** What is written to the log, by type. */
export type NewSessionEvent =
  | { type: 'message.added' | 'message.updated'; message: Message; parts: StoredPart[] }
  | { type: 'message.removed'; messageId: number }
  | { type: 'part.added' | 'part.updated'; messageId: number; part: StoredPart }
  | { type: 'text.appended'; messageId: number; position: number; offset: number; text: string }
  | { type: 'run.updated'; run: Run }
  | { type: 'conversation.rewound'; rewindId: number; removed: MessageNumberRange[]; messageCount: number }
  | {
      type: 'conversation.restored';
      rewindId: number;
      restoredRewindId: number;
      removed: MessageNumberRange[];
      returned: MessageNumberRange[];
      messageCount: number;
    };

export type StoredPart = Pick<MessagePartRow, 'position' | 'kind' | 'text' | 'data'>;

export interface StoredEvent {
  seq: number;
  createdAt: Date;
  event: NewSessionEvent;
}

/** A stored event as the schema shows it. */
export function toSessionEvent({ seq, createdAt: at, event }: StoredEvent): ChatSessionEvent {
  switch (event.type) {
    case 'message.added':
    case 'message.updated': {
      const type = event.type === 'message.added' ? MessageAdded : MessageUpdated;
      const message = Object.assign(new Message(), revive(event.message, ['createdAt']));
      message.partsThen = event.parts.map((part) => ({ ...part, messageId: message.id }));
      return Object.assign(new type(), { seq, at, message });
    }
    case 'message.removed':
      return Object.assign(new MessageRemoved(), { seq, at, messageId: String(event.messageId) });
    case 'part.added':
    case 'part.updated': {
      const type = event.type === 'part.added' ? PartAdded : PartUpdated;
      return Object.assign(new type(), { seq, at, messageId: String(event.messageId), part: toPart(event.part) });
    }
    case 'text.appended':
      return Object.assign(new TextAppended(), { ...event, seq, at, messageId: String(event.messageId) });
    case 'run.updated': {
      const run = Object.assign(new Run(), revive(event.run, ['createdAt', 'startedAt', 'finishedAt']));
      return Object.assign(new RunUpdated(), { seq, at, run });
    }
    case 'conversation.rewound':
      return Object.assign(new ConversationRewound(), { ...event, seq, at, rewindId: String(event.rewindId) });
    case 'conversation.restored': {
      const restoredRewindId = String(event.restoredRewindId);
      return Object.assign(new ConversationRestored(), {
        ...event,
        seq,
        at,
        rewindId: String(event.rewindId),
        restoredRewindId,
      });
    }
  }
}

/** Dates come back from JSON as text. */
function revive<T extends object>(stored: Snapshot<T>, dates: (keyof T)[]): Partial<T> {
  const copy = { ...stored } as Partial<T>;
  for (const key of dates)
    if (typeof stored[key] === 'string') copy[key] = new Date(stored[key] as string) as T[keyof T];
  return copy;
}
