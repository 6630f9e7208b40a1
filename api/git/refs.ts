import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from './git-error.ts';
import { libgit2Errno } from './git-failure.ts';
import { nodegit, type Oid, type Repository } from './nodegit.ts';

export const BRANCH_PREFIX = 'refs/heads/';
export const TAG_PREFIX = 'refs/tags/';
/** In a workspace: branches of the base as it was. In the base: branches as they were last pushed. */
export const REMOTE_PREFIX = 'refs/remotes/origin/';

export interface Ref {
  name: string;
  sha: string;
}

/** The commit a ref leads to, or null when it is not there (an unborn branch). */
export async function refTarget(repository: Repository, name: string): Promise<Oid | null> {
  try {
    return await nodegit.Reference.nameToId(repository, name);
  } catch (error) {
    if (libgit2Errno(error) === -3) return null;
    throw error;
  }
}

/** Every ref whose name begins with one of the prefixes, by name; symbolic ones as what they lead to, broken ones not. */
export async function refsUnder(repository: Repository, prefixes: string[]): Promise<Ref[]> {
  const refs: Ref[] = [];
  for (const name of (await nodegit.Reference.list(repository)).sort()) {
    if (!prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const target = await refTarget(repository, name);
    if (target) refs.push({ name, sha: target.tostrS() });
  }
  return refs;
}

/** The full name of the branch HEAD is on, also when it has no commit yet; null when HEAD is detached or unreadable. */
export async function headRef(repository: Repository): Promise<string | null> {
  const head = await nodegit.Reference.lookup(repository, 'HEAD');
  return head.symbolicTarget() ?? null;
}

/** Writes all refs of a new repository as one file: thousands of branches cost no more than one. */
export function writePackedRefs(gitFolder: string, refs: Ref[]): void {
  if (refs.length === 0) return;
  const lines = [...refs]
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .map(({ name, sha }) => `${sha} ${name}\n`);
  writeFileSync(join(gitFolder, 'packed-refs'), `# pack-refs with: sorted \n${lines.join('')}`);
}

/** Of all refs, those of Kosuke's own are the only ones that are written by their full name. */
export function requireRefName(name: string): void {
  if (!name.startsWith('refs/kosuke/')) throw new GitError('invalid-name', `"${name}" is not a ref of Kosuke.`);
  requireBranchName(name);
}

/** Puts the HEAD of a new repository on a branch, or on a commit and no branch. */
export function writeHead(gitFolder: string, at: { branch: string } | { sha: string }): void {
  const head = 'branch' in at ? `ref: ${BRANCH_PREFIX}${at.branch}` : at.sha;
  writeFileSync(join(gitFolder, 'HEAD'), `${head}\n`);
}

/** Refuses names that git would not take, before they become a path or a line of a file. */
export function requireBranchName(name: string): void {
  const isValid =
    name !== '' &&
    name !== 'HEAD' &&
    !name.startsWith('-') &&
    !name.startsWith('/') &&
    !name.endsWith('/') &&
    !name.endsWith('.') &&
    !name.includes('..') &&
    !name.includes('//') &&
    !name.includes('@{') &&
    name !== '@' &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what git forbids
    !/[\u0000-\u0020\u007f~^:?*[\\]/.test(name) &&
    name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
  if (!isValid) throw new GitError('invalid-name', `"${name}" is not a valid branch name.`);
}
