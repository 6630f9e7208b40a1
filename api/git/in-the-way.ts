import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Changes } from './changes.ts';
import { DELTA, nodegit, type Oid, type Repository } from './nodegit.ts';
import { treeOf } from './trees.ts';

/**
 * Files that git does not see because they are ignored, and that stand where another commit has files: switching to it
 * would overwrite them. Those that are known as changed already are left out.
 */
export async function filesInTheWay(
  repository: Repository,
  root: string,
  head: Oid | null,
  next: Oid,
  known: Changes['files'],
): Promise<Changes['files']> {
  const diff = await nodegit.Diff.treeToTree(
    repository,
    head ? await treeOf(repository, head) : null,
    await treeOf(repository, next),
    { flags: 0, contextLines: 0 },
  );
  const found = new Set<string>();
  // Where a known one is gone, an ignored file or folder may have taken its place.
  for (const { path } of known) for (const other of standingAt(root, path)) found.add(other);
  for (let index = 0; index < diff.numDeltas(); index += 1) {
    const delta = diff.getDelta(index);
    if (delta.status() !== DELTA.ADDED) continue;
    for (const path of standingAt(root, delta.newFile().path())) found.add(path);
  }
  for (const { path } of known) found.delete(path);
  return [...found].sort().map((path) => ({ path, isConflicted: false, isForgotten: false }));
}

/** What would have to go for a file to be put at this path: itself, a file above it, or everything in a folder. */
function standingAt(root: string, path: string): string[] {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const place = parts.slice(0, length).join('/');
    const stats = lstatSync(join(root, place), { throwIfNoEntry: false });
    if (!stats) return [];
    if (!stats.isDirectory()) return [place];
  }
  return filesBelow(root, path);
}

/** A folder with a .git is a repository of its own, and never part of this one. */
function filesBelow(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  if (entries.some(({ name }) => name.toLowerCase() === '.git')) return [];
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}
