import type { RunnerClient } from '../runner-queries/runner-client.ts';

/** Less than half as long as a runner takes somebody's interest for granted (active-session.ts). */
const RENEW_MS = 25_000;

/**
 * Tells runners which sessions are looked at here, so that they watch their files. Once for each session, however many look
 * at it, and again before it is forgotten: an interest whose api has gone ends by itself.
 */
export class Interest {
  private readonly sessions = new Map<number, { count: number; timer: NodeJS.Timeout }>();

  constructor(private readonly runners: RunnerClient) {}

  /** Gives back what ends the interest. */
  in(session: { key: number; runnerId: string | null }): () => void {
    const known = this.sessions.get(session.key);
    const entry = known ?? { count: 0, timer: this.keepTelling(session) };
    entry.count += 1;
    this.sessions.set(session.key, entry);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      entry.count -= 1;
      if (entry.count > 0) return;
      clearInterval(entry.timer);
      this.sessions.delete(session.key);
    };
  }

  private keepTelling({ key: sessionKey, runnerId }: { key: number; runnerId: string | null }): NodeJS.Timeout {
    // A runner that does not answer now is told the next time.
    const tell = () => void this.runners.ask(runnerId, 'watchBranch', { sessionKey }).catch(() => undefined);
    tell();
    return setInterval(tell, RENEW_MS).unref();
  }
}
