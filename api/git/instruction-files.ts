import { type Dirent, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { GitError } from './git-error.ts';
import { shown } from './git-folder.ts';
import { systemCode } from './object-files.ts';

/** The files of a work tree that tell git what to do with the others. */
const INSTRUCTIONS = new Set(['.gitignore', '.gitattributes', '.gitmodules']);

/** Each line costs time for each file; nobody has so many. */
const MAX_INSTRUCTION_BYTES = 4 * 1024 * 1024;

/** The longest path the system takes. */
export const MAX_PATH_BYTES = process.platform === 'darwin' ? 1023 : 4095;

export interface Findings {
  /** Paths that libgit2 passes over in silence: those too long for the system, and folders that may not be read. */
  unreachable: string[];
  /** Why git must not be let into this tree. */
  refusal: GitError | null;
  /** Pipes that libgit2 would wait for. */
  pipes: Buffer[];
}

/**
 * Looks into every folder of a work tree for what would lead libgit2 astray: it reads .gitignore and its like through links,
 * also from outside of the workspace, and waits without end for a pipe in their place. An agent may put them anywhere.
 * Links to plain files inside are fine, broken ones too.
 */
export function lookThrough(root: string): Findings {
  const findings: Findings = { unreachable: [], refusal: null, pipes: [] };
  const { unreachable } = findings;
  // Names are bytes, and an agent may have made some that are no text: so each byte is a character here.
  const top = bytes(root);
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = list(top + folder);
    if (!entries) unreachable.push(text(folder.slice(1)));
    for (const entry of entries ?? []) {
      const path = `${folder}/${entry.name}`;
      if (top.length + path.length > MAX_PATH_BYTES) unreachable.push(text(path.slice(1)));
      else if (entry.isDirectory()) {
        if (entry.name !== '.git') pending.push(path);
      } else if (INSTRUCTIONS.has(entry.name)) checkPlain(root, path, findings);
    }
  }
  return findings;
}

/** Null when nobody but others may look. What vanishes meanwhile is not there. */
function list(folder: string): Dirent[] | null {
  try {
    return readdirSync(Buffer.from(folder, 'latin1'), { withFileTypes: true, encoding: 'latin1' });
  } catch (error) {
    switch (systemCode(error)) {
      case 'EACCES':
        return null;
      case 'ENOENT':
      case 'ENOTDIR':
        return [];
      default:
        throw error;
    }
  }
}

function checkPlain(root: string, path: string, findings: Findings): void {
  const refuse = (what: string) => {
    findings.refusal ??= unsafe(path, what);
  };
  try {
    const full = Buffer.from(bytes(root) + path, 'latin1');
    const target = realpathSync.native(full, 'latin1');
    const stats = lstatSync(Buffer.from(target, 'latin1'));
    if (stats.isFIFO()) findings.pipes.push(full);
    if (!target.startsWith(`${bytes(root)}/`)) refuse('leads out of the workspace');
    else if (!stats.isFile() && !stats.isDirectory()) refuse('is not a file');
    else if (stats.isFile() && stats.size > MAX_INSTRUCTION_BYTES) refuse('is larger than 4 MB');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) throw error;
  }
}

function unsafe(path: string, what: string): GitError {
  return new GitError(
    'unsafe-tree',
    `Git would read "${shown(text(path.slice(1)))}", and that ${what}, so nothing was done. Remove it, or put a plain file in its place.`,
  );
}

const bytes = (path: string) => Buffer.from(path).toString('latin1');
const text = (path: string) => Buffer.from(path, 'latin1').toString();
