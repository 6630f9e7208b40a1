import {
  COMPARABLE_BYTES,
  type Difference,
  type FileDifference,
  type FileLines,
  type FolderListing,
  type FileContent as FoundContent,
  type FilesState as FoundState,
} from '../git/reads.ts';
import { Diff, FileDiff } from './diff.types.ts';
import { FileContent, Folder } from './file.types.ts';
import type { FilesState } from './files-state.type.ts';

/** What was found, as the schema shows it: with sentences about what is left out. */
export function toDiff({ from, to, files, totalFiles, skippedPaths }: Difference): Diff {
  return Object.assign(new Diff(), {
    ...{ from: toState(from), to: toState(to), files, totalFiles, skippedPaths },
    additions: files.reduce((sum, { additions }) => sum + additions, 0),
    deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
    note: noteOfDiff(files, totalFiles),
  });
}

export function toFileDiff({ from, to, file, hunks, isCut }: FileLines): FileDiff {
  const note = noteOfFile(file, isCut);
  return Object.assign(new FileDiff(), { from: toState(from), to: toState(to), file, hunks, isCut, note });
}

export function toFolder({ at, path, entries, total }: FolderListing): Folder {
  return Object.assign(new Folder(), { at: toState(at), path, entries, totalEntries: total });
}

export function toFile({ at, ...found }: FoundContent): FileContent {
  return Object.assign(new FileContent(), { ...found, at: toState(at), note: noteOfContent(found) });
}

function toState(state: FoundState): FilesState {
  return { kind: state.kind as FilesState['kind'], sha: state.kind === 'commit' ? state.sha : null };
}

function noteOfDiff(files: FileDifference[], total: number): string | null {
  const notes: string[] = [];
  if (files.length < total) {
    notes.push(`${count(total)} files differ; the first ${count(files.length)} by their paths are listed.`);
  }
  const uncounted = files.filter(({ isUncounted }) => isUncounted).length;
  if (uncounted > 0) {
    notes.push(`The lines of ${count(uncounted)} of them were not counted: they are too large, or too much differs.`);
  }
  return notes.join(' ') || null;
}

function noteOfFile(file: FileDifference, isCut: boolean): string | null {
  if (file.isUncounted) {
    const largest = Math.max(file.before?.bytes ?? 0, file.after?.bytes ?? 0);
    return `It is too large to be compared line by line: ${size(largest)}, of at most ${size(COMPARABLE_BYTES)}.`;
  }
  return isCut ? 'More lines differ than are shown here. Open the file to see all of it.' : null;
}

function noteOfContent({ isCut, bytes, text, mediaType }: Omit<FoundContent, 'at'>): string | null {
  if (!isCut) return null;
  if (text !== null) return `Only its beginning is shown: it has ${size(bytes)}.`;
  if (mediaType !== null) return `This picture is too large to be shown: ${size(bytes)}.`;
  return `It is too large to be shown: ${size(bytes)}.`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function size(bytes: number): string {
  const unit = bytes < 1024 * 1024 ? 1024 : 1024 * 1024;
  return `${(bytes / unit).toLocaleString('en-US', { maximumFractionDigits: 1 })} ${unit === 1024 ? 'KiB' : 'MiB'}`;
}
