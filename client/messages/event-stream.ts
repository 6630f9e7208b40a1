import type { ApolloClient } from '@apollo/client';
import { applyEvents, type SessionEvent } from './apply-events.ts';
import { ChatSessionEventsSubscription } from './conversation-query.ts';

const RETRY_MS = 2_000;

/**
 * Follows a session from a number on. It remembers how far it has come, so after a lost line it goes on from there, and
 * gathers what arrives within a frame, so text grows without flicker.
 */
export class EventStream {
  private waiting: SessionEvent[] = [];
  private frame: (() => void) | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private subscription: { unsubscribe(): void } | undefined;
  private isClosed = false;

  constructor(
    private readonly client: ApolloClient,
    private readonly chatSessionId: string,
    private seq: number,
    /** Called when something was missed and the session has to be loaded again. */
    private readonly onGap: () => void,
  ) {
    this.open();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.retry);
    this.subscription?.unsubscribe();
    this.frame?.();
    this.flush();
  }

  private open(): void {
    const variables = () => ({ chatSessionId: this.chatSessionId, after: this.seq });
    this.subscription = this.client
      .subscribe({
        query: ChatSessionEventsSubscription,
        variables: variables(),
        // The events are applied here; writing them as they come would put half a message over a whole one.
        fetchPolicy: 'no-cache',
        context: { resumeWith: variables },
      })
      .subscribe({
        next: ({ data, error }) => {
          if (data) this.take(data.chatSessionEvents);
          else if (error) this.tryAgain();
        },
        error: () => this.tryAgain(),
        complete: () => this.tryAgain(),
      });
  }

  private take(event: SessionEvent): void {
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    this.waiting.push(event);
    this.frame ??= onNextFrame(() => this.flush());
  }

  private flush(): void {
    this.frame = undefined;
    const events = this.waiting;
    this.waiting = [];
    if (events.length > 0 && !applyEvents(this.client.cache, this.chatSessionId, events)) this.onGap();
  }

  /** The socket heals by itself; this is for a server that ended the subscription. */
  private tryAgain(): void {
    if (this.isClosed) return;
    this.subscription?.unsubscribe();
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), RETRY_MS);
  }
}

/** Before the next paint; pages in the background are not painted and get a timer. Returns what calls it off. */
function onNextFrame(action: () => void): () => void {
  if (document.visibilityState === 'hidden') {
    const timer = setTimeout(action, 100);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(action);
  return () => cancelAnimationFrame(frame);
}
