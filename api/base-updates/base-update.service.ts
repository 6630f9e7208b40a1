import { randomBytes } from 'node:crypto';
import { type DataSource, In } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import type { BlobText, MergeConflict, MergeDecision } from '../git/updates.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import type { MessageService } from '../messages/message.service.ts';
import { storable } from '../messages/storable.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import { type OperationService, type Refusal, whyBusy } from '../operations/operation.service.ts';
import type { RunnerClient } from '../runner-queries/runner-client.ts';
import { ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';
import { sessionChanged } from '../sessions/session.events.ts';
import { lockSession } from '../sessions/session.service.ts';
import { agentPrompt } from './agent-prompt.ts';
import { BaseUpdate, BaseUpdateStatus, UNFINISHED_UPDATES } from './base-update.entity.ts';
import type { ResolveConflictInput, UpdateFromBaseInput } from './base-update.inputs.ts';
import { ConflictResolution, type FileVersion } from './conflict-file.type.ts';
import { decide, decisionAbout, modeOfText, unresolved } from './decisions.ts';

const CONTENT_MAX = 500_000;
const INSTRUCTIONS_MAX = 20_000;
const TEXT_BYTES = 512 * 1024;
const LINK = 0o120000;

const notFound = () => new NotFound('This update does not exist, or is not yours.');
const isOver = () => new Conflict('UPDATE_OVER', 'This update has ended; nothing about it can be changed any more.');

/** Asking for updates from the base, and deciding about their conflicts. Carrying them out is the runner's. */
export class BaseUpdateService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly operations: OperationService,
    private readonly messages: MessageService,
    private readonly runners: RunnerClient,
  ) {}

  request(viewer: Viewer, { chatSessionId, strategy }: UpdateFromBaseInput) {
    return this.operations.request(
      viewer,
      chatSessionId,
      WorkspaceOperationKind.UPDATE_FROM_BASE,
      async (tx, session) => {
        const refused = whyNotWritable(session);
        if (refused) return refused;
        if (await tx.db.existsBy(BaseUpdate, { chatSessionKey: session.key, status: In(UNFINISHED_UPDATES) })) {
          return new Conflict(
            'UPDATE_UNDER_WAY',
            'An update from the base is under way in this chat. Resolve its conflicts and complete it, or abort it.',
          );
        }
        const { identifiers } = await tx.db.insert(BaseUpdate, {
          ...{ chatSessionKey: session.key, strategy, baseBranch: session.baseBranch, requestedBy: viewer.id },
        });
        return { baseUpdateId: Number(identifiers[0]?.id) };
      },
    );
  }

  complete(viewer: Viewer, id: string) {
    return this.operate(viewer, id, WorkspaceOperationKind.COMPLETE_BASE_UPDATE);
  }

  abort(viewer: Viewer, id: string) {
    return this.operate(viewer, id, WorkspaceOperationKind.ABORT_BASE_UPDATE);
  }

  /** Decides what one file is to be. Only written down: the workspace stays as it is until the update is completed. */
  resolve(viewer: Viewer, input: ResolveConflictInput): Promise<BaseUpdate | InvalidInput | NotFound | Conflict> {
    return this.work.run(async (tx) => {
      const found = await this.lock(tx, viewer, input.baseUpdateId);
      if (found instanceof NotFound) return found;
      const { update, session } = found;
      if (update.status !== BaseUpdateStatus.CONFLICTED) return isOver();
      const conflict = update.conflicts.find(({ path }) => path === input.path);
      if (!conflict) return new InvalidInput('path', `"${input.path}" is not in conflict in this update.`);
      const result = resultOf(input, conflict);
      if (result instanceof InvalidInput) return result;
      const others = update.decisions.files.filter((decision) => decision !== decisionAbout(update, conflict));
      const files = result === undefined ? others : [...others, decide(conflict, result)];
      update.decisions = { ...update.decisions, files };
      await tx.db.update(BaseUpdate, { id: update.id }, { decisions: update.decisions as object });
      tx.publish(sessionChanged, String(session.projectId), { sessionKey: session.key, kind: 'updated' });
      return update;
    });
  }

  /** Sends a message that asks the agent; the files with markers are laid in the workspace when its turn begins. */
  async askAgent(
    viewer: Viewer,
    id: string,
    instructions: string,
  ): Promise<BaseUpdate | InvalidInput | NotFound | Conflict> {
    if (instructions.length > INSTRUCTIONS_MAX) {
      return new InvalidInput('instructions', `At most ${INSTRUCTIONS_MAX} characters.`);
    }
    const request = `base-update-${randomBytes(12).toString('hex')}`;
    const asked = await this.work.run(async (tx) => {
      const found = await this.lock(tx, viewer, id);
      if (found instanceof NotFound) return found;
      const { update, session } = found;
      if (update.status !== BaseUpdateStatus.CONFLICTED) return isOver();
      const refused = whyNotWritable(session) ?? (await whyBusy(tx, session.key));
      if (refused) return refused;
      const conflicts = unresolved(update);
      if (conflicts.length === 0) {
        return new Conflict('NOTHING_UNRESOLVED', 'All conflicts are resolved. Complete the update.');
      }
      // Before the message: its turn may begin before anything else is written down.
      await tx.db.update(BaseUpdate, { id: update.id }, { agentRequest: request });
      const { branch } = session;
      const text = agentPrompt({ branch, baseBranch: update.baseBranch, conflicts, instructions: instructions.trim() });
      return { update, chatSessionId: session.id, text: storable(text) };
    });
    if (!('text' in asked)) return asked;
    const { chatSessionId, text } = asked;
    const sent = await this.messages.send(viewer, { chatSessionId, text, clientMutationId: request });
    if (!('run' in sent)) return sent;
    return this.dataSource.manager.findOneByOrFail(BaseUpdate, { id: asked.update.id });
  }

  underWay(session: ChatSession): Promise<BaseUpdate | null> {
    return this.dataSource.manager.findOneBy(BaseUpdate, {
      chatSessionKey: session.key,
      status: In(UNFINISHED_UPDATES),
    });
  }

  latest(session: ChatSession): Promise<BaseUpdate | null> {
    return this.dataSource.manager.findOne(BaseUpdate, {
      where: { chatSessionKey: session.key },
      order: { id: 'DESC' },
    });
  }

  byId(id: number): Promise<BaseUpdate | null> {
    return this.dataSource.manager.findOneBy(BaseUpdate, { id });
  }

  /** Whose files a version of a file is among. */
  async placeOf({ chatSessionKey }: BaseUpdate): Promise<Pick<FileVersion, 'projectId' | 'runnerId'>> {
    const session = await this.dataSource.manager.findOneByOrFail(ChatSession, { key: chatSessionKey });
    return { projectId: session.projectId, runnerId: session.runnerId };
  }

  text({ runnerId, projectId, sha }: FileVersion): Promise<BlobText> {
    return this.runners.ask(runnerId, 'storedText', { projectId, sha, maxBytes: TEXT_BYTES });
  }

  private async operate(viewer: Viewer, id: string, kind: WorkspaceOperationKind) {
    const found = await this.work.run((tx) => this.lock(tx, viewer, id));
    if (found instanceof NotFound) return found;
    const { update, session } = found;
    return this.operations.request(viewer, session.id, kind, async (tx, locked): Promise<object | Refusal> => {
      const current = await tx.db.findOneByOrFail(BaseUpdate, { id: update.id });
      if (!UNFINISHED_UPDATES.includes(current.status)) return isOver();
      return whyNotWritable(locked) ?? { baseUpdateId: update.id };
    });
  }

  private async lock(
    tx: Transaction,
    viewer: Viewer,
    id: string,
  ): Promise<{ update: BaseUpdate; session: ChatSession } | NotFound> {
    const known = /^\d{1,9}$/.test(id) ? await tx.db.findOneBy(BaseUpdate, { id: Number(id) }) : null;
    const owner = known && (await tx.db.findOneBy(ChatSession, { key: known.chatSessionKey }));
    const session = owner && (await lockSession(tx.db, viewer, owner.id));
    if (!known || !session || session.deletedAt) return notFound();
    const lock = { mode: 'pessimistic_write' as const };
    return { session, update: await tx.db.findOneOrFail(BaseUpdate, { where: { id: known.id }, lock }) };
  }
}

function whyNotWritable(session: ChatSession): Conflict | null {
  if (session.status !== ChatSessionStatus.ACTIVE) {
    return new Conflict('SESSION_NOT_ACTIVE', `This chat is ${session.status}. Bring it back first.`);
  }
  if (!session.runnerId) {
    return new Conflict('NO_RUNNER', 'No runner is connected that holds this chat. Start one and try again.');
  }
  return null;
}

/** Undefined opens the conflict again. */
function resultOf(
  { resolution, content }: ResolveConflictInput,
  conflict: MergeConflict,
): MergeDecision['result'] | InvalidInput | undefined {
  switch (resolution ?? null) {
    case null:
      return undefined;
    case ConflictResolution.OURS:
      return conflict.ours;
    case ConflictResolution.THEIRS:
      return conflict.theirs;
    case ConflictResolution.DELETE:
      return null;
    case ConflictResolution.CONTENT:
      return textOf(content, conflict);
  }
}

function textOf(content: string | null | undefined, conflict: MergeConflict): MergeDecision['result'] | InvalidInput {
  if (typeof content !== 'string') return new InvalidInput('content', 'Give the whole text of the file.');
  if (content.length > CONTENT_MAX) {
    return new InvalidInput('content', `At most ${CONTENT_MAX} characters; this text has ${content.length}.`);
  }
  if (content.includes('\0')) return new InvalidInput('content', 'A text cannot hold a zero byte.');
  if (conflict.kind === 'submodule' || [conflict.ours, conflict.theirs].some((side) => side?.mode === LINK)) {
    return new InvalidInput('resolution', 'This is no text on one of the sides. Choose a side, or delete it.');
  }
  return { text: content, mode: modeOfText(conflict) };
}
