import { topic } from '../events/topic.ts';

/** A project was added, changed or removed. One key for all; receivers check what they may see. */
export const projectChanged = topic<{ projectId: number; kind: 'created' | 'updated' | 'removed' }>('project.changed');
export const ALL_PROJECTS = 'all';
