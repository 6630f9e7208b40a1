import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EditError } from './workspace-path.ts';

export interface FileChange {
  /** Where it really is. */
  place: string;
  /** As the message named it. */
  path: string;
  /** Null deletes the file. */
  content: string | null;
  /** Permission bits, or null to leave them. */
  mode: number | null;
}

/** Makes all changes or, when one fails, none: what was done by then is put back. Throws EditError. */
export async function putAll(changes: FileChange[]): Promise<void> {
  const done: { place: string; content: Buffer | null; mode: number | null }[] = [];
  // Deleting first: a folder may take the place of a file.
  const inOrder = [...changes].sort((a, b) => Number(a.content !== null) - Number(b.content !== null));
  for (const change of inOrder) {
    try {
      done.push({
        place: change.place,
        content: await readIfThere(change.place),
        mode: await modeAt(change.place),
      });
      await put(change.place, change.content, change.mode);
    } catch (error) {
      for (const before of done.reverse()) await put(before.place, before.content, before.mode).catch(() => {});
      const { code } = error as NodeJS.ErrnoException;
      throw new EditError(`${change.path} cannot be written: ${REASONS[code ?? ''] ?? (error as Error).message}.`);
    }
  }
}

const REASONS: Record<string, string> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EROFS: 'it cannot be changed from here',
  EACCES: 'it is not allowed',
  ENOSPC: 'the disk is full',
  EFBIG: 'it is too large',
};

/** Null when there is no such file. Throws EditError for what is not text. */
export async function readText(place: string, path: string): Promise<string | null> {
  const bytes = await readIfThere(place).catch((error: NodeJS.ErrnoException) => {
    throw new EditError(`${path} cannot be read: ${REASONS[error.code ?? ''] ?? error.message}.`);
  });
  if (bytes === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EditError(`${path} is not a text file in UTF-8, so a diff cannot be applied to it.`);
  }
}

/** Permission bits, or null when there is no such file. */
export async function modeAt(place: string): Promise<number | null> {
  return stat(place).then(
    (found) => found.mode & 0o777,
    () => null,
  );
}

async function readIfThere(place: string): Promise<Buffer | null> {
  return readFile(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

async function put(place: string, content: string | Buffer | null, mode: number | null): Promise<void> {
  if (content === null) {
    await rm(place, { force: true });
    return;
  }
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, content);
  if (mode !== null) await chmod(place, mode);
}
