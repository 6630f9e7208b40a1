import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { type DataSource, In } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { EventBus } from '../events/event-bus.ts';
import { flatMap } from '../events/flat-map.ts';
import type { Notice } from '../events/topic.ts';
import type { RunnerClient } from '../runner-queries/runner-client.ts';
import type { SessionService } from '../sessions/session.service.ts';
import { BranchStatus } from './branch-status.entity.ts';
import { branchStatusChanged } from './branch-status.events.ts';
import { Interest } from './interest.ts';

/** Where branches stand, for those who look. Finding it out, and writing it down, is the runner's. */
export class BranchStatusService {
  private readonly interest: Interest;
  /** Those who watch the same session hear of a change together, and read it together. */
  private readonly stored: DataLoader<number, BranchStatus | null>;

  constructor(
    dataSource: DataSource,
    private readonly bus: EventBus,
    runners: RunnerClient,
    private readonly sessions: SessionService,
  ) {
    this.interest = new Interest(runners);
    this.stored = new DataLoader(
      async (keys) => {
        const rows = await dataSource.manager
          .createQueryBuilder(BranchStatus, 'status')
          .addSelect(['status.dirtyFiles', 'status.conflictPaths'])
          .where({ chatSessionKey: In([...new Set(keys)]) })
          .getMany();
        const found = new Map(rows.map((row) => [row.chatSessionKey, row]));
        return keys.map((key) => found.get(key) ?? null);
      },
      { cache: false },
    );
  }

  /**
   * Where the branch of a session stands, now and after each change. Its files are watched as long as somebody is here.
   * @throws GraphQLError NOT_FOUND
   */
  async watch(viewer: Viewer, sessionId: string): Promise<AsyncIterableIterator<BranchStatus>> {
    const session = await this.sessions.find(viewer, sessionId);
    if (!session) {
      throw new GraphQLError('This chat does not exist, or is not yours.', { extensions: { code: 'NOT_FOUND' } });
    }
    const notices = this.bus.subscribe(branchStatusChanged, String(session.key));
    const lookAway = this.interest.in(session);
    let seen = 0;
    return flatMap(beginningMissed(notices, lookAway), async (notice) => {
      if (notice.kind === 'event' && notice.payload.revision <= seen) return [];
      const status = await this.stored.load(session.key);
      if (!status || status.revision <= seen) return [];
      seen = status.revision;
      return [status];
    });
  }
}

/** Whoever begins has missed everything so far. */
function beginningMissed<T>(
  notices: AsyncIterableIterator<Notice<T>>,
  onEnd: () => void,
): AsyncIterableIterator<Notice<T>> {
  let hasBegun = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (!hasBegun) {
        hasBegun = true;
        return { value: { kind: 'missed' }, done: false };
      }
      const result = await notices.next();
      if (result.done) onEnd();
      return result;
    },
    async return() {
      onEnd();
      return (await notices.return?.()) ?? { value: undefined, done: true };
    },
  };
}
