import type { DataSource, EntityManager } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Page } from '../graphql/connection.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { Message, MessageRole } from '../messages/message.entity.ts';
import { type WorkspaceOperation, WorkspaceOperationKind } from '../operations/operation.entity.ts';
import type { OperationService, Refusal } from '../operations/operation.service.ts';
import { ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { type FilesThen, filesAfter, filesBefore } from './message-heads.ts';
import { Rewind } from './rewind.entity.ts';
import { listRewinds } from './rewind.list.ts';
import type { RewindSessionInput } from './time-travel.inputs.ts';

const noSuchMessage = () => new NotFound('This message does not exist in this chat, or was taken back.');
const noSuchRewind = () => new NotFound('This rewind does not exist, or is not yours.');

/** What a rewind is asked to do, as its operation keeps it. */
export interface RewindRequest {
  /** The last number that stays; 0 for none. */
  throughNumber: number;
  files: Exclude<FilesThen, 'unknown'>;
  promptText: string | null;
}

export interface RestoreRequest {
  rewindId: number;
}

export interface UndoTurnRequest {
  messageId: number;
}

/** Going back in a session, and forth again. Carrying it out is the runner's. */
export class TimeTravelService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly operations: OperationService,
  ) {}

  list(sessionKey: number, page: { first: number; after?: string | null }): Promise<Page<Rewind>> {
    return listRewinds(this.dataSource, sessionKey, page);
  }

  rewindOf(operationId: number): Promise<Rewind | null> {
    return this.dataSource.manager.findOneBy(Rewind, { operationId });
  }

  async rewind(viewer: Viewer, input: RewindSessionInput): Promise<WorkspaceOperation | Refusal> {
    const { toMessageId, beforeMessageId } = input;
    if (Boolean(toMessageId) === Boolean(beforeMessageId)) {
      return new InvalidInput('toMessageId', 'Give either toMessageId or beforeMessageId.');
    }
    return this.operations.request(
      viewer,
      input.chatSessionId,
      WorkspaceOperationKind.REWIND,
      async ({ db }, session) => {
        const message = await messageOf(db, session, toMessageId ?? beforeMessageId);
        if (!message) return noSuchMessage();
        const inactive = whyInactive(session);
        if (inactive) return inactive;
        if (beforeMessageId && message.role !== MessageRole.USER) {
          return new InvalidInput(
            'beforeMessageId',
            'Only the message of a person can be taken back to be sent again.',
          );
        }
        const files = beforeMessageId
          ? await filesBefore(db, session.key, message)
          : await filesAfter(db, session.key, message.number);
        if (files === 'unknown') {
          return new Conflict(
            'FILES_UNKNOWN',
            'Nobody wrote down how the files were at this message. Take a later one.',
          );
        }
        const throughNumber = beforeMessageId ? message.number - 1 : message.number;
        return { throughNumber, files, promptText: beforeMessageId ? message.content : null } satisfies RewindRequest;
      },
    );
  }

  async restore(viewer: Viewer, rewindId: string): Promise<WorkspaceOperation | Refusal> {
    const rewind = await this.findRewind(rewindId);
    if (!rewind) return noSuchRewind();
    const { id } = await this.dataSource.manager.findOneByOrFail(ChatSession, { key: rewind.chatSessionKey });
    const result = await this.operations.request(viewer, id, WorkspaceOperationKind.RESTORE_REWIND, (_, session) => {
      return whyInactive(session) ?? ({ rewindId: rewind.id } satisfies RestoreRequest);
    });
    return result instanceof NotFound ? noSuchRewind() : result;
  }

  async undoTurn(viewer: Viewer, sessionId: string, messageId: string): Promise<WorkspaceOperation | Refusal> {
    return this.operations.request(viewer, sessionId, WorkspaceOperationKind.UNDO_TURN, async ({ db }, session) => {
      const message = await messageOf(db, session, messageId);
      if (!message) return noSuchMessage();
      const inactive = whyInactive(session);
      if (inactive) return inactive;
      if (!message.commitSha) return new Conflict('NOTHING_TO_UNDO', 'This turn changed no files.');
      return { messageId: message.id } satisfies UndoTurnRequest;
    });
  }

  private async findRewind(id: string): Promise<Rewind | null> {
    return /^\d{1,9}$/.test(id) ? this.dataSource.manager.findOneBy(Rewind, { id: Number(id) }) : null;
  }
}

/** A message that is in the conversation now. */
export async function messageOf(
  db: EntityManager,
  session: ChatSession,
  id: string | null | undefined,
): Promise<(Message & { number: number }) | null> {
  if (!id || !/^\d{1,9}$/.test(id)) return null;
  const message = await db.findOneBy(Message, { id: Number(id), chatSessionKey: session.key });
  const isInConversation = message?.number !== null && message?.rewindId === null;
  return message && isInConversation ? (message as Message & { number: number }) : null;
}

function whyInactive({ status }: ChatSession): Conflict | null {
  if (status === ChatSessionStatus.ACTIVE) return null;
  return new Conflict('SESSION_NOT_ACTIVE', `This chat is ${status}. Bring it back first.`);
}
