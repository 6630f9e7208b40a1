import { topic } from '../events/topic.ts';

/** An operation came one step further. Keyed by its id. */
export const operationChanged = topic<{ hasEnded: boolean }>('operation.changed');
