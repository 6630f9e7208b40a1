import { GraphQLError } from 'graphql';
import { type DataSource, In } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { hasUnfinishedOperation } from '../operations/operation.service.ts';
import { Run, UNFINISHED } from '../runs/run.entity.ts';
import type { RunService } from '../runs/run.service.ts';
import { ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { maySeeSession } from '../sessions/session.policy.ts';
import { lockSession, markRead } from '../sessions/session.service.ts';
import { Message, MessageRole, MessageStatus } from './message.entity.ts';
import type { SendMessageInput } from './message.inputs.ts';
import { listMessages, type MessagePageArgs } from './message.list.ts';
import { nextNumber } from './numbering.ts';
import type { ChatSessionEvent, StoredPart } from './session-event.type.ts';
import { toSessionEvent } from './session-event.type.ts';
import type { SessionFeeds } from './session-feed.ts';
import { appendEvents } from './session-log.ts';
import { storable } from './storable.ts';

export const TEXT_MAX = 200_000;

const notFound = () => new NotFound('This message does not exist, or is not yours.');
const sessionGone = () =>
  new GraphQLError('This chat does not exist, or is not yours.', { extensions: { code: 'NOT_FOUND' } });
const asPart = (text: string): StoredPart => ({ position: 0, kind: 'text', text, data: {} });

export interface SentMessage {
  message: Message;
  run: Run;
}

/** What people say: sending, queueing, taking back; and following what is said. */
export class MessageService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly runs: RunService,
    private readonly feeds: SessionFeeds,
  ) {}

  list(sessionKey: number, args: MessagePageArgs) {
    return listMessages(this.dataSource, sessionKey, args);
  }

  queued(sessionKey: number): Promise<Message[]> {
    return this.dataSource.manager.find(Message, {
      where: { chatSessionKey: sessionKey, status: MessageStatus.QUEUED },
      order: { id: 'ASC' },
    });
  }

  async send(viewer: Viewer, input: SendMessageInput): Promise<SentMessage | InvalidInput | NotFound | Conflict> {
    const text = storable(input.text);
    const invalid = checkText(text) ?? checkMutationId(input.clientMutationId);
    if (invalid) return invalid;

    return this.work.run(async (tx) => {
      const session = await lockSession(tx.db, viewer, input.chatSessionId);
      if (!session || session.deletedAt) return new NotFound('This chat does not exist, or is not yours.');
      const clientMutationId = input.clientMutationId ?? null;
      if (clientMutationId) {
        const message = await tx.db.findOneBy(Message, { chatSessionKey: session.key, clientMutationId });
        if (message?.runId) return { message, run: await tx.db.findOneByOrFail(Run, { id: message.runId }) };
      }
      if (session.status !== ChatSessionStatus.ACTIVE) {
        return new Conflict(
          'SESSION_NOT_ACTIVE',
          `This chat is ${session.status}. Bring it back to send messages in it.`,
        );
      }
      if (!session.runnerId)
        return new Conflict('NO_RUNNER', 'No runner is connected, so no agent can answer. Start one and try again.');

      const isBusy =
        (await tx.db.existsBy(Run, { chatSessionKey: session.key, status: In(UNFINISHED) })) ||
        (await hasUnfinishedOperation(tx, session.key));
      const { identifiers } = await tx.db.insert(Message, {
        chatSessionKey: session.key,
        projectId: session.projectId,
        userId: viewer.id,
        role: MessageRole.USER,
        status: isBusy ? MessageStatus.QUEUED : MessageStatus.COMPLETE,
        number: isBusy ? null : await nextNumber(tx, session.key),
        content: text,
        clientMutationId,
      });
      const id = Number(identifiers[0]?.id);
      const run = await this.runs.enqueue(tx, session, id, text);
      await tx.db.update(Message, { id }, { runId: run.id });
      const message = await tx.db.findOneByOrFail(Message, { id });
      await appendEvents(tx, session.key, [
        { type: 'message.added', message, parts: [asPart(text)] },
        { type: 'run.updated', run },
      ]);
      if (message.number) await markRead(tx.db, session.key, viewer.id, message.number);
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
      return { message, run };
    });
  }

  async editQueued(viewer: Viewer, id: string, newText: string): Promise<Message | InvalidInput | NotFound | Conflict> {
    const text = storable(newText);
    const invalid = checkText(text);
    if (invalid) return invalid;
    return this.work.run(async (tx) => {
      const message = await this.lockQueued(viewer, id, tx.db);
      if (message instanceof NotFound || message instanceof Conflict) return message;
      message.content = text;
      await tx.db.update(Message, { id: message.id }, { content: text });
      await tx.db.query('UPDATE message_parts SET text = $2 WHERE message_id = $1 AND position = 0', [
        message.id,
        text,
      ]);
      await tx.db.query('UPDATE runs SET prompt = $2 WHERE id = $1', [message.runId, text]);
      await appendEvents(tx, message.chatSessionKey, [{ type: 'message.updated', message, parts: [asPart(text)] }]);
      return message;
    });
  }

  async deleteQueued(viewer: Viewer, id: string): Promise<Message | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const message = await this.lockQueued(viewer, id, tx.db);
      if (message instanceof NotFound || message instanceof Conflict) return message;
      await tx.db.query('DELETE FROM runs WHERE id = $1', [message.runId]);
      await tx.db.query('DELETE FROM chat_messages WHERE id = $1', [message.id]);
      await appendEvents(tx, message.chatSessionKey, [{ type: 'message.removed', messageId: message.id }]);
      if (message.projectId !== null) {
        tx.publish(sessionChanged, String(message.projectId), { sessionKey: message.chatSessionKey, kind: 'updated' });
      }
      return message;
    });
  }

  /**
   * Every event of a session after the given number, then those to come. Without a number only those to come.
   * @throws GraphQLError NOT_FOUND when the session is gone or not the viewer's
   */
  async watch(
    viewer: Viewer,
    sessionId: string,
    after: number | null | undefined,
  ): Promise<AsyncIterableIterator<ChatSessionEvent>> {
    const session = await this.dataSource.manager.findOneBy(ChatSession, { id: sessionId });
    if (!session || !maySeeSession(viewer, session)) throw sessionGone();
    const abort = new AbortController();
    const events = this.feeds.watch(session.key, after ?? session.lastSeq, abort.signal);
    const watching: AsyncIterableIterator<ChatSessionEvent> = {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        const { value, done } = await events.next();
        return done ? { value: undefined, done: true } : { value: toSessionEvent(value), done: false };
      },
      // A generator that waits cannot be returned from; the signal ends its wait first.
      async return() {
        abort.abort();
        await events.return(undefined);
        return { value: undefined, done: true };
      },
    };
    return watching;
  }

  private async lockQueued(
    viewer: Viewer,
    id: string,
    db: DataSource['manager'],
  ): Promise<Message | NotFound | Conflict> {
    if (!/^\d{1,9}$/.test(id)) return notFound();
    const known = await db.findOneBy(Message, { id: Number(id) });
    if (!known) return notFound();
    const session = await db.findOne(ChatSession, {
      where: { key: known.chatSessionKey },
      lock: { mode: 'pessimistic_write' },
    });
    if (!session || !maySeeSession(viewer, session)) return notFound();
    const message = await db.findOneBy(Message, { id: known.id });
    if (!message) return notFound();
    if (message.status !== MessageStatus.QUEUED)
      return new Conflict('MESSAGE_NOT_QUEUED', 'The agent has this message already; it can no longer be changed.');
    return message;
  }
}

function checkText(text: string): InvalidInput | undefined {
  if (text.trim().length === 0) return new InvalidInput('text', 'There is nothing to send.');
  if (text.length > TEXT_MAX) {
    return new InvalidInput(
      'text',
      `A message has at most ${TEXT_MAX} characters; this one has ${text.length}. Put long content into a file.`,
    );
  }
  return undefined;
}

function checkMutationId(id: string | null | undefined): InvalidInput | undefined {
  return id && id.length > 100 ? new InvalidInput('clientMutationId', 'At most 100 characters.') : undefined;
}
