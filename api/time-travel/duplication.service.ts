import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { MessageStatus } from '../messages/message.entity.ts';
import { whyBusy } from '../operations/operation.service.ts';
import { jobsOf } from '../runner/jobs.ts';
import { ChatSession, type PendingCopy } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { checkTitle, lockSession, markRead, type SetupQueue, TITLE_MAX } from '../sessions/session.service.ts';
import { branchOfSession, newSessionId } from '../sessions/session-id.ts';
import { copyConversation } from './conversation-copy.ts';
import { filesAfter } from './message-heads.ts';
import type { DuplicateChatSessionInput } from './time-travel.inputs.ts';
import { messageOf } from './time-travel.service.ts';

/** Copies sessions. The files follow in the background, as those of every new session do. */
export class DuplicationService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly setups: SetupQueue,
  ) {}

  async duplicate(
    viewer: Viewer,
    input: DuplicateChatSessionInput,
  ): Promise<ChatSession | InvalidInput | NotFound | Conflict> {
    const title = input.title?.trim();
    const invalid = title === undefined ? undefined : checkTitle(title);
    if (invalid) return invalid;
    const clientMutationId = input.clientMutationId ?? null;
    if (clientMutationId && clientMutationId.length > 100) {
      return new InvalidInput('clientMutationId', 'At most 100 characters.');
    }
    return this.work.run(async (tx) => {
      const source = await lockSession(tx.db, viewer, input.chatSessionId);
      if (!source || source.deletedAt) return new NotFound('This chat does not exist, or is not yours.');
      if (clientMutationId) {
        const same = await tx.db.findOneBy(ChatSession, { userId: viewer.id, clientMutationId });
        if (same) return same;
      }
      if (!source.runnerId) {
        return new Conflict('NO_RUNNER', 'No runner is connected that holds this chat. Start one and try again.');
      }
      const start = input.upToMessageId ? await startAt(tx, source, input.upToMessageId) : await startNow(tx, source);
      if (!('copy' in start)) return start;

      const id = newSessionId();
      const { identifiers } = await tx.db.insert(ChatSession, {
        id,
        projectId: source.projectId,
        userId: viewer.id,
        title: title ?? `Copy of ${source.title}`.slice(0, TITLE_MAX),
        description: source.description,
        branch: branchOfSession(id),
        baseBranch: source.baseBranch,
        agentId: source.agentId,
        runnerId: source.runnerId,
        pendingCopy: start.copy,
        clientMutationId,
      });
      const key = Number(identifiers[0]?.key);
      const made = await tx.db.findOneByOrFail(ChatSession, { key });
      const count = await copyConversation(tx.db, source, start.throughNumber, made);
      await markRead(tx.db, key, viewer.id, count);
      await tx.addJob(jobsOf(source.runnerId).prepareWorkspace, { sessionKey: key }, { queueName: `session:${key}` });
      tx.publish(sessionChanged, String(source.projectId), { sessionKey: key, kind: 'created' });
      await this.setups.enqueueFirst(tx, made);
      return tx.db.findOneByOrFail(ChatSession, { key });
    });
  }
}

interface Start {
  throughNumber: number;
  copy: PendingCopy;
}

/** As it is now, also what is not committed. */
async function startNow(tx: Transaction, source: ChatSession): Promise<Start | Conflict> {
  const busy = await whyBusy(tx, source.key);
  if (busy) return new Conflict(busy.code, `${busy.message} Or duplicate it from one of its messages.`);
  // The copy of a copy that has no files yet gets them from where that one does.
  const copy = source.pendingCopy ?? { fromSessionId: source.id, withUncommitted: true };
  return { throughNumber: source.lastMessageNumber, copy };
}

async function startAt(tx: Transaction, source: ChatSession, messageId: string): Promise<Start | NotFound | Conflict> {
  const message = await messageOf(tx.db, source, messageId);
  if (!message) return new NotFound('This message does not exist in this chat, or was taken back.');
  if (message.status !== MessageStatus.COMPLETE) {
    return new Conflict('MESSAGE_STREAMING', 'The agent is still writing this message. Wait, or take an earlier one.');
  }
  const files = await filesAfter(tx.db, source.key, message.number);
  if (files === 'unknown') {
    return new Conflict('FILES_UNKNOWN', 'Nobody wrote down how the files were at this message. Take a later one.');
  }
  const { fromSessionId = source.id } = source.pendingCopy ?? {};
  const copy =
    files === 'branch'
      ? { ...source.pendingCopy, fromSessionId, withUncommitted: false }
      : { fromSessionId, sha: files.sha, withUncommitted: false };
  return { throughNumber: message.number, copy };
}
