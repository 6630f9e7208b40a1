import { topic } from '../events/topic.ts';

/** Something about the branch of a session changed. Keyed by the session's key. */
export const branchStatusChanged = topic<{ revision: number }>('branch-status.changed');
