import { topic } from '../events/topic.ts';

/** Rows were added to the event log of a session, up to and with `seq`. Keyed by the session's key. */
export const sessionAppended = topic<{ seq: number }>('session.appended');

/** Something the sidebar shows of a session changed. Keyed by project id. */
export const sessionChanged = topic<{ sessionKey: number; kind: 'created' | 'updated' | 'removed' }>('session.changed');
