import type { Kit } from './testkit.ts';

/** A session of a project, as tests mostly need it. */
export async function newProject(kit: Kit, input: Record<string, unknown> = { template: 'EMPTY' }): Promise<string> {
  const { createProject } = await kit.ask(
    `mutation ($input: CreateProjectInput!) { createProject(input: $input) { ... on Project { id } ... on UserError { code message } } }`,
    { input },
  );
  if (!createProject.id) throw new Error(`${createProject.code}: ${createProject.message}`);
  return createProject.id;
}

export async function newSession(
  kit: Kit,
  projectId: string,
  title = 'A chat',
): Promise<{ id: string; branch: string }> {
  const { createChatSession } = await kit.ask(
    `mutation ($input: CreateChatSessionInput!) {
       createChatSession(input: $input) { ... on ChatSession { id branch } ... on UserError { code message } }
     }`,
    { input: { projectId, title } },
  );
  if (!createChatSession.id) throw new Error(`${createChatSession.code}: ${createChatSession.message}`);
  return createChatSession;
}

export interface Sent {
  message: { id: string; number: number | null; status: string };
  run: { id: string; status: string };
}

export async function send(kit: Kit, chatSessionId: string, text: string, clientMutationId?: string): Promise<Sent> {
  const { sendMessage } = await kit.ask(
    `mutation ($input: SendMessageInput!) {
       sendMessage(input: $input) {
         ... on SendMessageSuccess { sentMessage { id number status } run { id status } }
         ... on UserError { code message }
       }
     }`,
    { input: { chatSessionId, text, clientMutationId } },
  );
  if (!sendMessage.run) throw new Error(`${sendMessage.code}: ${sendMessage.message}`);
  return { message: sendMessage.sentMessage, run: sendMessage.run };
}

const EVENTS = `subscription ($id: ID!, $after: Int) {
  chatSessionEvents(chatSessionId: $id, after: $after) {
    __typename seq at
    ... on MessageAdded { message { id number role status text parts { ...Part } } }
    ... on MessageUpdated { message { id number role status text } }
    ... on MessageRemoved { messageId }
    ... on PartAdded { messageId part { ...Part } }
    ... on PartUpdated { messageId part { ...Part } }
    ... on TextAppended { messageId position offset text }
    ... on RunUpdated { run { id status errorCode errorMessage canRetry } }
  }
}
fragment Part on MessagePart {
  __typename position
  ... on TextPart { text }
  ... on ToolCallPart { title kind status output exitCode paths }
  ... on CommitPart { sha title branch additions deletions files { path kind } }
  ... on NoticePart { level code notice: text }
}`;

// biome-ignore lint/suspicious/noExplicitAny: tests read events freely.
export type SeenEvent = any;

export function events(kit: Kit, chatSessionId: string, after?: number): AsyncIterableIterator<SeenEvent> {
  const results = kit.watch(EVENTS, { id: chatSessionId, after });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const { value, done } = await results.next();
      return done ? { value: undefined, done: true } : { value: value.chatSessionEvents, done: false };
    },
    async return() {
      await results.return?.();
      return { value: undefined, done: true };
    },
  };
}

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'INTERRUPTED'];

/** Every event of the session from its beginning until this run has ended. */
export async function untilEnded(kit: Kit, chatSessionId: string, runId: string): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  for await (const event of events(kit, chatSessionId, 0)) {
    seen.push(event);
    if (event.__typename === 'RunUpdated' && event.run.id === runId && ENDED.includes(event.run.status)) break;
  }
  return seen;
}

/** Sends, waits for the end of the answer, and gives the events of the whole session so far. */
export async function talk(kit: Kit, chatSessionId: string, text: string): Promise<SeenEvent[]> {
  const { run } = await send(kit, chatSessionId, text);
  return untilEnded(kit, chatSessionId, run.id);
}

export async function conversation(kit: Kit, chatSessionId: string) {
  const { chatSession } = await kit.ask(
    `query ($id: ID!) {
       chatSession(id: $id) {
         id title status branch baseBranch lastSeq messageCount unreadCount
         workspace { status message progress headSha }
         latestRun { id status errorCode errorMessage canRetry }
         queuedMessages { id text status }
         messages(last: 100) {
           totalCount
           nodes {
             id number role status text author { id name } run { id status }
             parts {
               __typename position
               ... on TextPart { text }
               ... on ToolCallPart { title kind status output exitCode }
               ... on CommitPart { sha title branch additions deletions skippedPaths files { path kind additions deletions } }
               ... on NoticePart { level code notice: text }
             }
           }
         }
       }
     }`,
    { id: chatSessionId },
  );
  return chatSession;
}
