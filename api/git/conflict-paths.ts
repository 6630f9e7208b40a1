import { type Index, nodegit } from './nodegit.ts';

/** The files that a merge in memory leaves to a person, by path. */
export async function conflictPaths(merged: Index): Promise<string[]> {
  const paths = new Set<string>();
  if (!merged.hasConflicts()) return [];
  const conflicts = await nodegit.IndexConflictIterator.create(merged);
  for (;;) {
    const { ancestor_out: ancestor, our_out: our, their_out: their } = conflicts.next();
    const path = (our ?? their ?? ancestor)?.path;
    if (path === undefined) return [...paths].sort();
    paths.add(path);
  }
}
