import type { EntityManager } from 'typeorm';
import type { Transaction } from '../database/unit-of-work.ts';
import type { Reverted, Signature } from '../git/git.ts';
import { Message, MessagePartRow, MessageRole, MessageStatus } from '../messages/message.entity.ts';
import { nextNumber } from '../messages/numbering.ts';
import type { StoredPart } from '../messages/session-event.type.ts';
import { appendEvents } from '../messages/session-log.ts';
import type { WorkspaceOperation } from '../operations/operation.entity.ts';
import { OperationFailed } from '../operations/operation-handler.ts';
import { commitData } from '../runs/run-recorder.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { User } from '../users/user.entity.ts';
import type { UndoTurnRequest } from './time-travel.service.ts';

const NAMED = 5;

interface Turn {
  messageId: number;
  number: number;
  sha: string;
  /** First line of its commit. */
  title: string;
  /** Who undoes it. */
  author: Signature;
}

/** The message an operation wrote before it was cut off. */
export async function undoTold(db: EntityManager, operationId: number): Promise<number | null> {
  return (await db.findOneBy(Message, { operationId }))?.id ?? null;
}

export async function undoneTurn(db: EntityManager, operation: WorkspaceOperation): Promise<Turn> {
  const { messageId } = operation.input as unknown as UndoTurnRequest;
  const message = await db.findOneBy(Message, { id: messageId });
  if (!message?.commitSha || message.number === null) {
    throw new OperationFailed('NOT_FOUND', 'This message is gone, so nothing was undone.');
  }
  const parts = await db.find(MessagePartRow, { where: { messageId, kind: 'commit' }, order: { position: 'ASC' } });
  const user = operation.requestedBy === null ? null : await db.findOneBy(User, { id: operation.requestedBy });
  return {
    messageId,
    number: message.number,
    sha: message.commitSha,
    title: String(parts.at(-1)?.data.title ?? message.commitSha.slice(0, 12)),
    author: { name: user?.name ?? 'Somebody', email: user?.email ?? `${user?.id ?? 'unknown'}@kosuke.invalid` },
  };
}

interface Undo {
  operation: WorkspaceOperation;
  session: ChatSession;
  turn: Turn;
  reverted: Extract<Reverted, { kind: 'reverted' }>;
}

/** The message in which Kosuke says that it was undone, with the commit. */
export async function tellUndo(tx: Transaction, { operation, session, turn, reverted }: Undo): Promise<number> {
  await tx.db.findOneOrFail(ChatSession, { where: { key: session.key }, lock: { mode: 'pessimistic_write' } });
  const { commit, keptPaths } = reverted;
  const { identifiers } = await tx.db.insert(Message, {
    chatSessionKey: session.key,
    projectId: session.projectId,
    userId: operation.requestedBy,
    role: MessageRole.ASSISTANT,
    status: MessageStatus.COMPLETE,
    number: await nextNumber(tx, session.key),
    content: '',
    commitSha: commit.sha,
    headSha: commit.sha,
    operationId: operation.id,
    undoesMessageId: turn.messageId,
  });
  const message = await tx.db.findOneByOrFail(Message, { id: Number(identifiers[0]?.id) });
  const parts: StoredPart[] = [
    notice('info', 'turn-undone', `The changes of message ${turn.number} ("${turn.title}") were undone.`),
    { position: 1, kind: 'commit', text: '', data: commitData(commit, session.branch) },
  ];
  if (keptPaths.length > 0) {
    const text = `These files were in the way and are kept under other names: ${named(keptPaths)}.`;
    parts.push({ ...notice('warning', 'files-kept', text), position: 2 });
  }
  await appendEvents(tx, session.key, [{ type: 'message.added', message, parts }]);
  await tx.db.query('UPDATE chat_sessions SET head_sha = $2 WHERE id = $1', [session.key, commit.sha]);
  await tx.db.query(
    `INSERT INTO branches (project_id, name, commit_sha) VALUES ($1, $2, $3)
     ON CONFLICT (project_id, name) DO UPDATE SET commit_sha = excluded.commit_sha`,
    [session.projectId, session.branch, commit.sha],
  );
  tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
  return message.id;
}

export function whyNotUndone(reverted: Exclude<Reverted, { kind: 'reverted' }>): OperationFailed {
  switch (reverted.kind) {
    case 'nothing':
      return new OperationFailed('NOTHING_TO_UNDO', 'Nothing of what this turn changed is there any more.');
    case 'conflict':
      return new OperationFailed(
        'UNDO_CONFLICT',
        `Later turns changed the same lines, in ${named(reverted.paths)}. Undo those first, newest first, or go back to before this turn, or ask the agent to take it back.`,
        { paths: reverted.paths },
      );
    case 'uncommitted':
      return new OperationFailed(
        'UNCOMMITTED_CHANGES',
        `Changes that are not committed yet would be lost, in ${named(reverted.paths)}. Send a message, which commits them, or put them back first.`,
        { paths: reverted.paths },
      );
  }
}

function notice(level: 'info' | 'warning', code: string, text: string): StoredPart {
  return { position: 0, kind: 'notice', text: '', data: { level, code, text } };
}

function named(paths: string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return `${paths.slice(0, NAMED).join(', ')}${more}`;
}
