import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from './git-error.ts';
import { systemCode } from './object-files.ts';

/** Each leads git to files of somebody else: other objects, another work tree, other settings. Kosuke makes none of them. */
const LEADING_ELSEWHERE = [
  'commondir',
  'gitdir',
  'config.worktree',
  'objects/info/alternates',
  'objects/info/http-alternates',
];

/** Settings that read other files, or that make git store something else than what a file holds. */
const INCLUDE = /\[\s*include/i;
const UNSAFE_SETTING = /^\s*((worktree\w*|attributesfile|excludesfile|eol)\b|autocrlf\b(?!\s*=\s*false\b))/i;

/** What may stand before a setting on its line; a section's quoted name may hold anything. */
const SECTION = /^(\s*\[[^\]"]*("(\\.|[^"\\])*"\s*)?\])+/;

/** Ours has some two hundred bytes. */
const MAX_CONFIG_BYTES = 256 * 1024;

/**
 * Refuses a .git that is not made as Kosuke makes it: of plain folders and files, with nothing in it that leads elsewhere.
 * libgit2 would follow links out of the workspace, to read and to write, and wait without end for a pipe. In the sandbox an
 * agent cannot write here; without one it can.
 */
export function requirePlainGitFolder(gitFolder: string): void {
  const own = lstatSync(gitFolder, { throwIfNoEntry: false });
  if (!own?.isDirectory()) {
    throw new GitError('not-a-repository', 'The workspace of this session has lost its .git folder.');
  }
  requirePlain(gitFolder, '', (path) => path !== 'objects' && path !== 'modules');
  requirePlain(join(gitFolder, 'objects'), 'objects/', (path) => path === 'objects/pack' || path === 'objects/info');
  for (const name of LEADING_ELSEWHERE) {
    if (lstatSync(join(gitFolder, name), { throwIfNoEntry: false })) throw leadsElsewhere(name);
  }
  requireSafeSettings(join(gitFolder, 'config'));
}

/** Looks into the folders for which `enters` is true; in the others only their entries themselves are looked at. */
function requirePlain(folder: string, prefix: string, enters: (path: string) => boolean): void {
  for (const entry of list(folder)) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) {
      if (enters(path)) requirePlain(join(folder, entry.name), `${path}/`, enters);
      continue;
    }
    // A socket (git's own file system monitor has one) cannot be opened as a file.
    if (!entry.isFile() && !entry.isSocket()) throw leadsElsewhere(path);
  }
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function requireSafeSettings(config: string): void {
  const stats = lstatSync(config, { throwIfNoEntry: false });
  if (!stats) return;
  const isSafe =
    stats.size <= MAX_CONFIG_BYTES &&
    readFileSync(config, 'latin1')
      .replace(/^\xef\xbb\xbf/, '')
      .split('\n')
      .every((line) => !INCLUDE.test(line) && !UNSAFE_SETTING.test(line.replace(SECTION, '')));
  if (!isSafe) throw leadsElsewhere('config');
}

function leadsElsewhere(path: string): GitError {
  return new GitError(
    'unsafe-tree',
    `The git folder of this workspace was changed: ".git/${shown(path)}" could lead git elsewhere, so nothing was done. Remove it, or put it back as it was.`,
  );
}

/** A path fit for a sentence: control characters taken out, and not longer than a line or two. */
export function shown(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break the sentence, or a terminal
  const clean = path.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
  return clean.length <= 200 ? clean : `${clean.slice(0, 120)}\u2026${clean.slice(-60)}`;
}
