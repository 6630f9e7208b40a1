import { applyPatch, parsePatch, type StructuredPatch } from 'diff';
import { type FileChange, modeAt, putAll, readText } from './file-changes.ts';
import { EditError, workspacePath } from './workspace-path.ts';

/** What was done to one file, as a sentence. */
export interface Edit {
  path: string;
  sentence: string;
}

/** Writes a file, with the folders above it. Throws EditError. */
export async function writeWorkspaceFile(workspace: string, path: string, content: string): Promise<Edit> {
  const place = await workspacePath(workspace, path);
  const isNew = (await modeAt(place)) === null;
  await putAll([{ place, path, content, mode: null }]);
  return { path, sentence: `${isNew ? 'Wrote' : 'Replaced'} ${path} (${lines(lineCount(content))}).` };
}

/** Applies a unified diff, plain or git's, of any number of files: all of it or, with an EditError, nothing. */
export async function applyDiff(workspace: string, diff: string): Promise<Edit[]> {
  const changes = new Map<string, FileChange>();
  const edits: Edit[] = [];
  for (const patch of readPatches(diff)) edits.push(await planPatch(workspace, patch, changes));
  await putAll([...changes.values()]);
  return edits;
}

/** Adds to `changes` what one file's part of a diff does; a file may occur twice, then as its first part left it. */
async function planPatch(workspace: string, patch: StructuredPatch, changes: Map<string, FileChange>): Promise<Edit> {
  const { oldPath, newPath } = pathsOf(patch);
  const path = (newPath ?? oldPath) as string;
  const from = oldPath === null ? null : await workspacePath(workspace, oldPath);
  const to = newPath === null ? null : await workspacePath(workspace, newPath);
  const current = async (place: string) =>
    changes.get(place)?.content ?? (changes.has(place) ? null : await readText(place, path));

  const before = from === null ? '' : await current(from);
  if (before === null) throw new EditError(`${oldPath} does not exist, so the diff does not fit.`);
  if (to !== null && to !== from && (await current(to)) !== null) {
    throw new EditError(`${newPath} exists already, so the diff does not fit.`);
  }
  const after = patched(before, patch, oldPath ?? path);
  if (to === null && after !== '') throw new EditError(`${oldPath} holds more than what the diff deletes.`);
  const mode = patch.newMode ? Number.parseInt(patch.newMode, 8) & 0o777 : from === null ? null : await modeAt(from);
  if (from !== null && from !== to && !patch.isCopy) {
    changes.set(from, { place: from, path, content: null, mode: null });
  }
  if (to !== null) changes.set(to, { place: to, path, content: after, mode });
  return { path, sentence: sentenceOf(patch, oldPath, newPath) };
}

function readPatches(diff: string): StructuredPatch[] {
  let patches: StructuredPatch[];
  try {
    patches = parsePatch(diff);
  } catch (error) {
    throw new EditError(`The diff cannot be read: ${(error as Error).message.trim()}.`);
  }
  if (patches.length === 0) throw new EditError('The diff is empty.');
  for (const patch of patches) {
    const name = patch.newFileName ?? patch.oldFileName;
    if (name === undefined) {
      throw new EditError('The diff does not name its files: it needs `---` and `+++` lines before each `@@`.');
    }
    if (patch.isBinary) throw new EditError(`${name} is binary; only changes of text can be applied.`);
    if (patch.newMode === '120000')
      throw new EditError(`${name} is a symbolic link, which is not made by a diff here.`);
  }
  return patches;
}

function pathsOf(patch: StructuredPatch): { oldPath: string | null; newPath: string | null } {
  const old = patch.isCreate || patch.oldFileName === '/dev/null' ? null : (patch.oldFileName ?? null);
  const young = patch.isDelete || patch.newFileName === '/dev/null' ? null : (patch.newFileName ?? null);
  // git writes a/ and b/ before the names, and so do most; a plain diff may leave them out.
  const hasPrefixes = (old ?? 'a/').startsWith('a/') && (young ?? 'b/').startsWith('b/');
  const strip = (name: string | null) => (name !== null && hasPrefixes ? name.slice(2) : name);
  return { oldPath: strip(old), newPath: strip(young) };
}

function patched(before: string, patch: StructuredPatch, path: string): string {
  for (const fuzzFactor of [0, 1, 2]) {
    const after = applyPatch(before, patch, { fuzzFactor });
    if (after !== false) return after;
  }
  const at = patch.hunks.findIndex(
    (_, index) => applyPatch(before, { ...patch, hunks: patch.hunks.slice(0, index + 1) }, { fuzzFactor: 2 }) === false,
  );
  const line = patch.hunks[at]?.oldStart ?? 1;
  throw new EditError(
    `${path}, line ${line}: the file differs from what the diff expects there (part ${at + 1} of ${patch.hunks.length}).`,
  );
}

function sentenceOf(patch: StructuredPatch, oldPath: string | null, newPath: string | null): string {
  const changed = patch.hunks.flatMap((hunk) => hunk.lines);
  const added = changed.filter((line) => line.startsWith('+')).length;
  const removed = changed.filter((line) => line.startsWith('-')).length;
  if (oldPath === null) return `Wrote ${newPath} (${lines(added)}).`;
  if (newPath === null) return `Deleted ${oldPath} (${lines(removed)}).`;
  const counts = `+${added} -${removed}`;
  if (oldPath === newPath) return `Changed ${newPath} (${counts}).`;
  return `${patch.isCopy ? 'Copied' : 'Renamed'} ${oldPath} to ${newPath} (${counts}).`;
}

function lineCount(content: string): number {
  return content.split('\n').length - (content.endsWith('\n') || content === '' ? 1 : 0);
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}
