import {
  chmodSync,
  copyFileSync,
  type Dirent,
  constants as fsConstants,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const LOOSE_FOLDER = /^[0-9a-f]{2}$/;
const LOOSE_FILE = /^[0-9a-f]{38}$/;
const PACK_FILE = /^pack-[0-9a-f]+\.(pack|rev|idx)$/;

/** More alternates of alternates than this is a loop. */
const MAX_ALTERNATES_DEPTH = 5;

/**
 * Brings every object of one store into another as hard links (as copies where the file system refuses links).
 * Files already there are left alone, and so is what is no plain file: a link would lead git to files of others.
 */
export function linkObjects(fromObjects: string, toObjects: string): void {
  for (const entry of readdirSync(fromObjects, { withFileTypes: true })) {
    if (!entry.isDirectory() || !LOOSE_FOLDER.test(entry.name)) continue;
    linkFolder(join(fromObjects, entry.name), join(toObjects, entry.name), LOOSE_FILE);
  }
  linkFolder(join(fromObjects, 'pack'), join(toObjects, 'pack'), PACK_FILE);
}

/** Every store that a store needs: itself, and those it borrows from. */
export function storesOf(objects: string, depth = 0): string[] {
  if (depth >= MAX_ALTERNATES_DEPTH) return [objects];
  return [objects, ...alternatesOf(objects).flatMap((alternate) => storesOf(alternate, depth + 1))];
}

function linkFolder(from: string, to: string, wanted: RegExp): void {
  const there = new Set(readFolder(to).map(({ name }) => name));
  const entries = readFolder(from).filter((entry) => entry.isFile() && wanted.test(entry.name));
  const names = entries.map(({ name }) => name).filter((name) => !there.has(name));
  if (names.length === 0) return;
  mkdirSync(to, { recursive: true });
  // An index without its pack would be an object that cannot be read: packs first.
  names.sort((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')));
  for (const name of names) linkOrCopy(join(from, name), join(to, name));
}

/** Makes `to` the same file as `from`; complete from the moment it can be seen. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    switch (systemCode(error)) {
      case 'EEXIST':
        return;
      case 'EXDEV':
      case 'EPERM':
      case 'EMLINK':
      case 'ENOTSUP':
        copyWhole(from, to);
        return;
      default:
        throw error;
    }
  }
}

function copyWhole(from: string, to: string): void {
  const growing = `${to}.tmp-${process.pid}`;
  copyFileSync(from, growing, fsConstants.COPYFILE_FICLONE);
  chmodSync(growing, 0o444);
  renameSync(growing, to);
}

function alternatesOf(objects: string): string[] {
  try {
    return readFileSync(join(objects, 'info', 'alternates'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => resolve(objects, line));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Whether the store leaves objects out that its server would have to hand over later (git clone --filter). */
export function isPartialStore(objects: string): boolean {
  return readFolder(join(objects, 'pack')).some(({ name }) => name.endsWith('.promisor'));
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
