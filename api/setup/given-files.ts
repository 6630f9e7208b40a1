import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Git } from '../git/git.ts';
import { whyNoWorkspacePath } from './workspace-file-path.ts';

export interface GivenFile {
  path: string;
  content: Buffer;
  mode: number;
}

interface Place {
  workspacePath: string;
  /** The branch of the session: what it holds is not replaced. */
  branch: string;
}

const EXCLUDE_MARK = '# Files that Kosuke put here; they are never committed.';

/**
 * Puts files into a workspace in which nobody is at work. None goes through a link, into .git, or in the place of what the
 * repository holds or somebody made that is no plain file; and git is told to leave them out of every commit before they are
 * there. Returns a sentence for each that was left out.
 */
export async function putFiles(git: Git, { workspacePath, branch }: Place, files: GivenFile[]): Promise<string[]> {
  const paths = files.map(({ path }) => path);
  const tracked = await git.branchFiles({ path: workspacePath, branch, files: paths.filter(isPlain), maxBytes: 0 });
  const isTracked = new Set(tracked.filter(({ kind }) => kind !== null).map(({ path }) => path));
  const problems: string[] = [];
  const wanted: GivenFile[] = [];
  for (const file of files) {
    const why = whyNoWorkspacePath(file.path) ?? (isTracked.has(file.path) ? 'The repository has it already.' : null);
    if (why) problems.push(`${file.path} was left out. ${why}`);
    else wanted.push(file);
  }
  await exclude(
    workspacePath,
    wanted.map(({ path }) => path),
  );
  for (const file of wanted) {
    const why = await put(workspacePath, file);
    if (why) problems.push(`${file.path} was left out. ${why}`);
  }
  return problems;
}

const isPlain = (path: string) => whyNoWorkspacePath(path) === null;

async function put(root: string, { path, content, mode }: GivenFile): Promise<string | null> {
  const folder = await makeFolder(root, dirname(path));
  if (!folder) return 'A link or a file stands where its folder should be.';
  const target = join(root, path);
  const there = await lstat(target).catch(() => null);
  if (there && !there.isFile()) return 'Something that is no plain file is in its place.';
  const draft = join(folder, `.kosuke-${randomBytes(6).toString('hex')}`);
  const file = await open(
    draft,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    mode,
  );
  try {
    await file.writeFile(content);
    await file.close();
    await rename(draft, target);
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(draft);
    throw error;
  }
  return null;
}

/** The folder, made where it is missing, name by name; null when one of them is no folder of its own. */
async function makeFolder(root: string, path: string): Promise<string | null> {
  let at = root;
  for (const name of path === '.' ? [] : path.split('/')) {
    at = join(at, name);
    const stats = await lstat(at).catch(() => null);
    if (!stats) await mkdir(at);
    else if (!stats.isDirectory()) return null;
  }
  return at;
}

/** Names the files in .git/info/exclude, which agents can read but not write. */
async function exclude(root: string, paths: string[]): Promise<void> {
  if (paths.length === 0) return;
  const info = await makeFolder(root, '.git/info');
  if (!info) throw new Error('The .git of this workspace is not as it was made.');
  const file = join(info, 'exclude');
  const before = (await lstat(file).catch(() => null))?.isFile() ? await readFile(file, 'utf8') : '';
  const lines = new Set(before.split('\n').filter((line) => line !== '' && line !== EXCLUDE_MARK));
  const ours = paths.map(pattern).filter((line) => !lines.has(line));
  if (ours.length === 0) return;
  const draft = join(info, `.exclude-${randomBytes(6).toString('hex')}`);
  await writeFile(draft, `${[...lines, EXCLUDE_MARK, ...ours].join('\n')}\n`, { flag: 'wx' });
  await rename(draft, file);
}

/** The path as a pattern that means nothing but it. */
function pattern(path: string): string {
  return `/${path.replace(/[\\*?[\]!#]/g, '\\$&').replace(/ $/, '\\ ')}`;
}
