import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Minimatch } from 'minimatch';
import type { GivenFile } from './given-files.ts';

const FILES_MAX = 200;
const FILE_MAX_BYTES = 2 ** 20;
const TOTAL_MAX_BYTES = 10 * 2 ** 20;
/** Folders looked into for one list of patterns. */
const FOLDERS_MAX = 20_000;

/** What nobody copies by a pattern: it is large, and made anew by the setup. */
const NOT_ENTERED = new Set(['.git', 'node_modules', '.venv', 'target']);

/**
 * The files of a project's own folder that fit some patterns. Links are not followed and not copied, so nothing outside of the
 * folder is read. `problems` says in a sentence what is missing.
 */
export async function readSourceFiles(
  root: string,
  patterns: string[],
): Promise<{ files: GivenFile[]; problems: string[] }> {
  const matchers = patterns.map((pattern) => new Minimatch(pattern, { dot: true, nocomment: true, nonegate: true }));
  const plain = patterns.filter((_, index) => !matchers[index]?.hasMagic());
  const magic = matchers.filter((matcher) => matcher.hasMagic());
  const problems: string[] = [];
  const paths = new Set(plain);
  if (magic.length > 0)
    for await (const path of filesBelow(root)) if (magic.some((one) => one.match(path))) paths.add(path);
  const files: GivenFile[] = [];
  let bytes = 0;
  for (const path of [...paths].sort()) {
    if (files.length >= FILES_MAX || bytes >= TOTAL_MAX_BYTES) {
      problems.push(
        `Only the first ${files.length} of ${paths.size} files were copied: there are at most ${FILES_MAX}, of 10 MB.`,
      );
      break;
    }
    const file = await read(root, path);
    if (typeof file === 'string') problems.push(`${path} was not copied. ${file}`);
    else {
      files.push(file);
      bytes += file.content.length;
    }
  }
  return { files, problems };
}

async function* filesBelow(root: string): AsyncGenerator<string> {
  const folders = [''];
  for (let at = 0; at < folders.length && at < FOLDERS_MAX; at += 1) {
    const folder = folders[at] as string;
    for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isFile()) yield path;
      else if (entry.isDirectory() && !NOT_ENTERED.has(entry.name)) folders.push(path);
    }
  }
}

/** A sentence when it cannot be had. */
async function read(root: string, path: string): Promise<GivenFile | string> {
  const names = path.split('/');
  for (let depth = 1; depth < names.length; depth += 1) {
    const stats = await lstat(join(root, ...names.slice(0, depth))).catch(() => null);
    if (!stats?.isDirectory()) return stats ? 'It lies behind a link.' : 'It is not there.';
  }
  try {
    const file = await open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return 'It is no plain file.';
      if (stats.size > FILE_MAX_BYTES) return 'It is larger than 1 MB.';
      return { path, content: await file.readFile(), mode: stats.mode & 0o755 };
    } finally {
      await file.close();
    }
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
        return 'It is not there.';
      case 'ELOOP':
        return 'It is a link.';
      case 'EACCES':
        return 'Kosuke may not read it.';
      default:
        throw error;
    }
  }
}
