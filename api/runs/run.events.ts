import { topic } from '../events/topic.ts';

/** Somebody wants a run to end. Keyed by runner id. */
export const runStopRequested = topic<{ runId: number }>('run.stop-requested');
