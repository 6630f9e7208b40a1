import { topic } from '../events/topic.ts';

/** The log of a setup grew, or its state changed. Keyed by the session's key. */
export const setupChanged = topic<{ setupRunId: number }>('setup.changed');

/** Somebody wants a setup to end. Keyed by the runner that holds the workspace. */
export const setupStopRequested = topic<{ setupRunId: number }>('setup.stop-requested');
