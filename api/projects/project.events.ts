import { topic } from '../events/topic.ts';

/** A project was added, changed or removed. One key for all; receivers check what they may see. */
export const projectChanged = topic<{ projectId: number; kind: 'created' | 'updated' | 'removed' }>('project.changed');
export const ALL_PROJECTS = 'all';

/** Branches of a project's base repository point at other commits; null: it is not said which. One key for all. */
export const branchesMoved = topic<{ projectId: number; branches: string[] | null }>('project.branches-moved');
