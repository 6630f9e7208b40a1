import type { DataSource } from 'typeorm';
import type { AskedState, Difference, FileContent, FileLines, FolderListing, Missing } from '../git/reads.ts';
import { InvalidInput, NotFound } from '../graphql/user-error.ts';
import type { RunnerClient } from '../runner-queries/runner-client.ts';
import type { SessionFilesPlace } from '../runner-queries/runner-queries.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import { ConversationStates } from './conversation-states.ts';
import type { DiffRangeInput, FilesAtInput } from './file.inputs.ts';
import { type Refusal, refusalFor, refusalOf } from './refusals.ts';

interface Range {
  from: AskedState;
  to: AskedState;
}

const NOW: AskedState = { kind: 'now' };
const BASE: AskedState = { kind: 'base' };

/** Looking at the files of a session. Whoever has the session may: it was asked for in the name of its viewer. */
export class FileService {
  private readonly states: ConversationStates;

  constructor(
    dataSource: DataSource,
    private readonly runners: RunnerClient,
  ) {
    this.states = new ConversationStates(dataSource);
  }

  async diff(session: ChatSession, range: DiffRangeInput | null | undefined): Promise<Difference | Refusal> {
    const asked = await this.range(session, range ?? {});
    if (!('from' in asked)) return asked;
    return this.ask(session, '', (place) =>
      this.runners.ask(session.runnerId, 'diffFiles', { session: place, ...asked }),
    );
  }

  async fileDiff(
    session: ChatSession,
    range: DiffRangeInput | null | undefined,
    file: { path: string; oldPath: string | null; contextLines: number },
  ): Promise<FileLines | Refusal> {
    const asked = await this.range(session, range ?? {});
    if (!('from' in asked)) return asked;
    return this.ask(session, file.path, (place) =>
      this.runners.ask(session.runnerId, 'diffFile', { session: place, ...asked, ...file }),
    );
  }

  async folder(
    session: ChatSession,
    path: string,
    at: FilesAtInput | null | undefined,
  ): Promise<FolderListing | Refusal> {
    const state = await this.state(session, at ?? {});
    if (!('kind' in state)) return state;
    return this.ask(session, path, (place) =>
      this.runners.ask(session.runnerId, 'listFolder', { session: place, at: state, path }),
    );
  }

  async file(session: ChatSession, path: string, at: FilesAtInput | null | undefined): Promise<FileContent | Refusal> {
    const state = await this.state(session, at ?? {});
    if (!('kind' in state)) return state;
    return this.ask(session, path, (place) =>
      this.runners.ask(session.runnerId, 'readFile', { session: place, at: state, path }),
    );
  }

  private async ask<T extends object>(
    session: ChatSession,
    path: string,
    question: (place: SessionFilesPlace) => Promise<T | Missing>,
  ): Promise<T | Refusal> {
    const { projectId, id: sessionId, branch, baseBranch } = session;
    try {
      const answer = await question({ projectId, sessionId, branch, baseBranch });
      return 'missing' in answer ? refusalOf(answer, session, path) : answer;
    } catch (error) {
      return refusalFor(error);
    }
  }

  private async range(session: ChatSession, range: DiffRangeInput): Promise<Range | Refusal> {
    const { messageId, fromMessageId, fromSha, toMessageId, toSha } = range;
    if (messageId) {
      if (fromMessageId || fromSha || toMessageId || toSha) {
        return new InvalidInput('range', 'Give messageId alone, or where to begin and where to end.');
      }
      return (await this.states.turn(session, messageId)) ?? noMessage();
    }
    if (fromMessageId && fromSha) return new InvalidInput('range', 'Give fromMessageId or fromSha, not both.');
    if (toMessageId && toSha) return new InvalidInput('range', 'Give toMessageId or toSha, not both.');
    const from = await this.point(session, fromMessageId, fromSha, BASE);
    const to = await this.point(session, toMessageId, toSha, NOW);
    return from && to ? { from, to } : noMessage();
  }

  private async state(session: ChatSession, { messageId, sha, atBase }: FilesAtInput): Promise<AskedState | Refusal> {
    if ([messageId, sha, atBase].filter(Boolean).length > 1) return new InvalidInput('at', 'Give one of its fields.');
    return (await this.point(session, messageId, sha, atBase ? BASE : NOW)) ?? noMessage();
  }

  /** Null when there is no such message. */
  private async point(
    session: ChatSession,
    messageId: string | null | undefined,
    sha: string | null | undefined,
    otherwise: AskedState,
  ): Promise<AskedState | null> {
    if (messageId) return this.states.after(session, messageId);
    return sha ? { kind: 'commit', sha, isKnown: false } : otherwise;
  }
}

function noMessage(): NotFound {
  return new NotFound('This message does not exist, or is not part of this chat.');
}
