import type { ApolloCache, Reference } from '@apollo/client';
import type { ModifierDetails } from '@apollo/client/cache';
import type { ChatSessionEventsSubscription, MessageItem_MessageFragment, Run_RunFragment } from '../gql/graphql.ts';
import { addPart, appendText, Gap, type Part, updatePart } from './fold-parts.ts';
import { MessageFragment, RunFragment } from './message-fragments.ts';

export type SessionEvent = ChatSessionEventsSubscription['chatSessionEvents'];

interface StoredMessages {
  nodes: readonly Reference[];
}

/** The fields that events change, as the cache stores them. Parts have no id, so they lie in their message as they are. */
interface StoredFields {
  messages: StoredMessages;
  queuedMessages: readonly Reference[];
  latestRun: Reference | null;
  messageCount: number;
  parts: readonly Part[];
  number: number | null;
  status: string;
}

type Details = Pick<ModifierDetails, 'readField'>;
type Changes = {
  [Field in keyof StoredFields]?: (stored: StoredFields[Field], details: Details) => StoredFields[Field];
};

/**
 * Brings what happened in a session into the cache; told to the page once for all of them. Applying an event that is in
 * already changes nothing, so an overlap with what was loaded does no harm.
 * @returns false when something before these events was missed
 */
export function applyEvents(cache: ApolloCache, chatSessionId: string, events: readonly SessionEvent[]): boolean {
  let isWhole = true;
  cache.batch({
    update() {
      for (const event of events) {
        try {
          applyEvent(cache, chatSessionId, event);
        } catch (error) {
          if (!(error instanceof Gap)) throw error;
          isWhole = false;
        }
      }
    },
  });
  return isWhole;
}

function applyEvent(cache: ApolloCache, chatSessionId: string, event: SessionEvent): void {
  const change = (parts: (before: readonly Part[]) => readonly Part[]) =>
    'messageId' in event && modifyParts(cache, event.messageId, parts);
  switch (event.__typename) {
    case 'MessageAdded':
      addMessage(cache, chatSessionId, event.message);
      break;
    case 'MessageUpdated':
      updateMessage(cache, chatSessionId, event.message);
      break;
    case 'MessageRemoved':
      removeMessage(cache, chatSessionId, event.messageId);
      break;
    case 'PartAdded':
      change((parts) => addPart(parts, event.part));
      break;
    case 'PartUpdated':
      change((parts) => updatePart(parts, event.part));
      break;
    case 'TextAppended':
      change((parts) => appendText(parts, event.position, event.offset, event.text));
      break;
    case 'ConversationRewound':
      takeBack(cache, chatSessionId, event.removed, event.messageCount);
      break;
    case 'ConversationRestored':
      // What came back is not part of the event: the conversation is loaded again.
      throw new Gap();
    case 'RunUpdated':
      updateRun(cache, chatSessionId, event.run);
  }
}

/** Puts a message where it belongs: into the conversation by its number, or behind the others that wait. */
export function addMessage(cache: ApolloCache, chatSessionId: string, message: MessageItem_MessageFragment): void {
  const id = cache.identify(message);
  const { isQueued, isSaid } = whereIs(cache, chatSessionId, id);
  if (isQueued || isSaid) return;
  const data = { ...message, __typename: 'Message' as const };
  cache.writeFragment({ id, fragment: MessageFragment, fragmentName: 'MessageItem_message', data });
  place(cache, chatSessionId, id, message);
}

type UpdatedMessage = Extract<SessionEvent, { __typename: 'MessageUpdated' }>['message'];

function updateMessage(cache: ApolloCache, chatSessionId: string, message: UpdatedMessage): void {
  const id = cache.identify(message);
  modify(cache, id, {
    number: () => message.number ?? null,
    status: () => message.status,
    // Only messages that wait change their words this way; those of an answer come in pieces.
    parts: (parts: readonly Part[], { readField }) =>
      readField('role') === 'USER'
        ? parts.map((part) => (part.__typename === 'TextPart' ? { ...part, text: message.text } : part))
        : parts,
  });
  place(cache, chatSessionId, id, message);
}

function removeMessage(cache: ApolloCache, chatSessionId: string, messageId: string): void {
  const id = cache.identify({ __typename: 'Message', id: messageId });
  const without = (refs: readonly Reference[]) => refs.filter(({ __ref }) => __ref !== id);
  modify(cache, sessionRef(cache, chatSessionId), {
    queuedMessages: without,
    messages: (page: StoredMessages) => ({ ...page, nodes: without(page.nodes) }),
  });
}

interface NumberRange {
  from: number;
  to: number;
}

/** Messages that were taken back leave the conversation. */
function takeBack(
  cache: ApolloCache,
  chatSessionId: string,
  removed: readonly NumberRange[],
  messageCount: number,
): void {
  modify(cache, sessionRef(cache, chatSessionId), {
    messageCount: () => messageCount,
    messages: (page: StoredMessages, { readField }) => {
      const isGone = (ref: Reference) => {
        const number = readField<number>('number', ref) ?? 0;
        return removed.some(({ from, to }) => number >= from && number <= to);
      };
      return { ...page, nodes: page.nodes.filter((ref) => !isGone(ref)) };
    },
  });
}

function place(
  cache: ApolloCache,
  chatSessionId: string,
  id: string | undefined,
  { number, status }: Pick<MessageItem_MessageFragment, 'number' | 'status'>,
): void {
  if (!id) return;
  const ref: Reference = { __ref: id };
  modify(cache, sessionRef(cache, chatSessionId), {
    queuedMessages(refs: readonly Reference[]) {
      const others = refs.filter(({ __ref }) => __ref !== id);
      if (status !== 'QUEUED') return others.length === refs.length ? refs : others;
      return others.length === refs.length ? [...refs, ref] : refs;
    },
    messages(page: StoredMessages, { readField }) {
      if (number === null || page.nodes.some(({ __ref }) => __ref === id)) return page;
      const isBefore = (other: Reference) => (readField<number>('number', other) ?? 0) < number;
      // What lies before the earliest one that is loaded comes when that page is loaded.
      const at = page.nodes.findLastIndex(isBefore) + 1;
      return { ...page, nodes: [...page.nodes.slice(0, at), ref, ...page.nodes.slice(at)] };
    },
  });
}

export function updateRun(cache: ApolloCache, chatSessionId: string, run: Run_RunFragment): void {
  const id = cache.identify(run);
  cache.writeFragment({ id, fragment: RunFragment, data: { ...run, __typename: 'Run' as const } });
  modify(cache, sessionRef(cache, chatSessionId), {
    latestRun: (latest: Reference | null, { readField }) =>
      id && (!latest || Number(readField('id', latest)) <= Number(run.id)) ? { __ref: id } : latest,
  });
}

function modifyParts(cache: ApolloCache, messageId: string, change: (parts: readonly Part[]) => readonly Part[]): void {
  // A message that is not loaded has nothing to change; its page brings it as it is then.
  modify(cache, cache.identify({ __typename: 'Message', id: messageId }), { parts: change });
}

function whereIs(cache: ApolloCache, chatSessionId: string, id: string | undefined) {
  let isQueued = false;
  let isSaid = false;
  modify(cache, sessionRef(cache, chatSessionId), {
    queuedMessages(refs: readonly Reference[]) {
      isQueued = refs.some(({ __ref }) => __ref === id);
      return refs;
    },
    messages(page: StoredMessages) {
      isSaid = page.nodes.some(({ __ref }) => __ref === id);
      return page;
    },
  });
  return { isQueued, isSaid };
}

const sessionRef = (cache: ApolloCache, id: string) => cache.identify({ __typename: 'ChatSession', id });

function modify(cache: ApolloCache, id: string | undefined, fields: Changes): void {
  // The types of the cache allow a reference in every place; in these fields it never stores one.
  if (id) cache.modify({ id, fields: fields as never });
}
