import type { AgentUpdate, ToolStatus } from '../agents/agent.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Commit } from '../git/git.ts';
import type { PartKind } from '../messages/message.entity.ts';
import type { PartData } from '../messages/message-part.type.ts';
import type { NewSessionEvent, StoredPart } from '../messages/session-event.type.ts';
import { appendEvents, isStored } from '../messages/session-log.ts';
import { storable } from '../messages/storable.ts';
import { type MaskedStream, NO_MASK } from '../secrets/secret-mask.ts';

const BATCH_MS = 30;
const RETRY_MS = 500;
/** How long the database may be away before a run gives up. */
const GIVE_UP_MS = 60_000;
/** What is kept of the output of one tool call, in UTF-16 units. */
const OUTPUT_MAX = 262_144;

interface OpenPart {
  position: number;
  kind: PartKind;
  length: number;
  data: Record<string, unknown>;
  startedAt: number;
  /** Hides secrets in its text; may hold back the last few characters. */
  masked: MaskedStream;
}

/**
 * Writes what an agent says during one turn into the log of its session. Pieces are gathered for a moment, stored, and
 * only then told to anyone, so that whatever somebody has seen is in the store.
 */
export class RunRecorder {
  /** Hides the secrets of the project; set before anything is recorded. */
  mask = NO_MASK;
  private readonly parts: OpenPart[] = [];
  private readonly tools = new Map<string, OpenPart>();
  private pending: NewSessionEvent[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private failure: Error | undefined;
  /** The newest event of ours that is known to be stored. */
  private seq = 0;

  constructor(
    private readonly work: UnitOfWork,
    private readonly sessionKey: number,
    private readonly messageId: number,
    /** Called when nothing can be stored any more; the run has to end. */
    private readonly onBroken: (error: Error) => void,
  ) {}

  record(update: AgentUpdate): void {
    switch (update.type) {
      case 'text':
      case 'reasoning':
        this.say(update.type, update.text);
        break;
      case 'tool-call':
        this.tool(update);
        break;
      case 'tool-output':
        this.output(update.toolCallId, update.text);
        break;
      case 'plan':
        this.plan(update.entries);
        break;
    }
  }

  notice(level: 'info' | 'warning' | 'error', code: string, text: string): void {
    this.add('notice', { level, code, text: this.mask.whole(storable(text)) });
  }

  commit(commit: Commit, branch: string): void {
    this.add('commit', commitData(commit, branch));
  }

  /** Tool calls that never said how they ended were cut off. */
  closeTools(): void {
    for (const part of this.parts) this.release(part);
    for (const part of this.tools.values()) {
      if (part.data.status !== 'running' && part.data.status !== 'pending') continue;
      part.data = { ...part.data, status: 'failed', durationMs: Date.now() - part.startedAt };
      this.updated(part);
    }
  }

  /** Everything recorded so far is stored when it resolves. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    await this.writing;
    if (this.failure) throw this.failure;
  }

  private say(kind: 'text' | 'reasoning', raw: string): void {
    const text = storable(raw);
    if (text.length === 0) return;
    const last = this.parts.at(-1);
    const part = last?.kind === kind ? last : this.add(kind, {});
    this.append(part, part.masked.push(text));
  }

  private tool(update: Extract<AgentUpdate, { type: 'tool-call' }>): void {
    const known = this.tools.get(update.toolCallId);
    const before = known?.data as PartData['tool'] | undefined;
    const status: ToolStatus = update.status ?? before?.status ?? 'pending';
    const data: PartData['tool'] = {
      toolCallId: storable(update.toolCallId),
      title: this.mask.whole(storable(update.title ?? before?.title ?? 'Tool')).slice(0, 2_000),
      kind: update.kind ?? before?.kind ?? 'other',
      status,
      paths: (update.paths ?? before?.paths ?? []).map((path) => this.mask.whole(storable(path))),
      exitCode: update.exitCode ?? before?.exitCode ?? null,
      durationMs: hasEnded({ status }) ? (before?.durationMs ?? Date.now() - (known?.startedAt ?? Date.now())) : null,
      outputTruncated: before?.outputTruncated ?? false,
    };
    if (known) {
      if (hasEnded(data)) this.release(known);
      known.data = { ...data, outputTruncated: (known.data as PartData['tool']).outputTruncated };
      this.updated(known);
    } else {
      this.tools.set(update.toolCallId, this.add('tool', { ...data }));
    }
  }

  private output(toolCallId: string, raw: string): void {
    if (!this.tools.has(toolCallId)) this.tool({ type: 'tool-call', toolCallId });
    const part = this.tools.get(toolCallId);
    if (!part || raw.length === 0) return;
    this.appendOutput(part, part.masked.push(storable(raw)));
    if (hasEnded(part.data)) this.release(part);
  }

  private appendOutput(part: OpenPart, text: string): void {
    const kept = text.slice(0, OUTPUT_MAX - part.length).toWellFormed();
    this.append(part, kept);
    if (kept.length === text.length || part.data.outputTruncated) return;
    part.data = { ...part.data, outputTruncated: true };
    this.updated(part);
  }

  /** Nothing follows: what was held back can be shown. */
  private release(part: OpenPart): void {
    const rest = part.masked.end();
    if (part.kind === 'tool') this.appendOutput(part, rest);
    else this.append(part, rest);
  }

  private plan(entries: { text: string; status: string; priority: string }[]): void {
    const data = {
      entries: entries.map(({ text, status, priority }) => ({
        text: this.mask.whole(storable(text)),
        status,
        priority,
      })),
    };
    const known = this.parts.find(({ kind }) => kind === 'plan');
    if (known) {
      known.data = data;
      this.updated(known);
    } else {
      this.add('plan', data);
    }
  }

  private add(kind: PartKind, data: Record<string, unknown>): OpenPart {
    const last = this.parts.at(-1);
    // Words that another part follows are whole; tools go on side by side.
    if (last && last.kind !== 'tool') this.release(last);
    const position = this.parts.length;
    const part: OpenPart = { position, kind, length: 0, data, startedAt: Date.now(), masked: this.mask.stream() };
    this.parts.push(part);
    this.push({ type: 'part.added', messageId: this.messageId, part: stored(part) });
    return part;
  }

  private updated(part: OpenPart): void {
    const waiting = this.pending.findIndex(
      (event) => event.type === 'part.updated' && event.part.position === part.position,
    );
    if (waiting >= 0) this.pending.splice(waiting, 1);
    this.push({ type: 'part.updated', messageId: this.messageId, part: stored(part) });
  }

  private append(part: OpenPart, text: string): void {
    if (text.length === 0) return;
    const last = this.pending.at(-1);
    if (last?.type === 'text.appended' && last.position === part.position) last.text += text;
    else
      this.push({
        type: 'text.appended',
        messageId: this.messageId,
        position: part.position,
        offset: part.length,
        text,
      });
    part.length += text.length;
  }

  private push(event: NewSessionEvent): void {
    this.pending.push(event);
    this.timer ??= setTimeout(() => void this.flush().catch(this.onBroken), BATCH_MS);
  }

  private async write(): Promise<void> {
    const events = this.pending;
    if (events.length === 0 || this.failure) return;
    this.pending = [];
    const giveUpAt = Date.now() + GIVE_UP_MS;
    for (let isRetry = false; ; isRetry = true) {
      try {
        await this.work.run(async (tx) => {
          // An answer lost on the way back may have hidden a commit: never store the same batch twice.
          if (isRetry && (await isStored(tx, this.sessionKey, this.seq, events))) return;
          this.seq = await appendEvents(tx, this.sessionKey, events);
        });
        return;
      } catch (error) {
        if (Date.now() > giveUpAt) {
          this.failure = error as Error;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

function hasEnded({ status }: { status?: unknown }): boolean {
  return status === 'succeeded' || status === 'failed';
}

function stored({ position, kind, data }: OpenPart): StoredPart {
  return { position, kind, text: '', data };
}

export function commitData(commit: Commit, branch: string): Record<string, unknown> {
  const { sha, title, files, additions, deletions, skippedPaths } = commit;
  return { sha, title, branch, files, additions, deletions, skippedPaths } satisfies PartData['commit'];
}
