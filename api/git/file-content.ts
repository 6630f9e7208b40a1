import { createHash } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileMode, filesOf } from './file-facts.ts';
import { requirePath, whyNotThere } from './file-path.ts';
import { libgit2Errno } from './git-failure.ts';
import { imageTypeOf } from './image-type.ts';
import { isGone, NotInPlace, openInPlace, readLinkInPlace } from './in-place.ts';
import { MODE, nodegit, type Repository, type Tree } from './nodegit.ts';
import { NotThere, orMissing } from './not-there.ts';
import type { FileContent, FileMode, Missing, PathInput } from './reads.ts';
import { SessionRepositories } from './session-repositories.ts';
import { cutUtf8, decode, encodingOf, isBinary, lineEndsOf } from './text-content.ts';

/** So much of a text is shown. */
const TEXT_BYTES = 1024 * 1024;

/** Larger pictures are not sent, and larger files not read as a whole. */
const WHOLE_BYTES = 8 * 1024 * 1024;

/** What was read of a file: its beginning, or all of it. */
interface Read {
  mode: FileMode;
  bytes: number;
  content: Buffer;
  blobSha: string | null;
}

export function readFile({ session, at: asked, path }: PathInput): Promise<FileContent | Missing> {
  return orMissing(() =>
    SessionRepositories.use(session, async (repositories) => {
      requirePath(path);
      const at = await repositories.resolve(asked);
      const workspace = at.kind === 'workspace' ? await repositories.workspace() : null;
      const tree = at.kind === 'commit' ? await repositories.treeAt(at) : null;
      const read = workspace
        ? fromWorkspace(dirname(workspace.path()), path)
        : await fromTree(repositories.base, tree, path);
      return { at, path, ...shown(path, read) };
    }),
  );
}

async function fromTree(repository: Repository, tree: Tree | null, path: string): Promise<Read> {
  const file = tree && (await filesOf(repository, tree, [path])).get(path);
  if (!file) throw new NotThere(tree && (await isFolder(tree, path)) ? 'not-a-file' : 'path');
  const facts = { mode: fileMode(file.mode), bytes: file.bytes, blobSha: file.id.tostrS() };
  if (file.mode === MODE.GITLINK) return { ...facts, content: Buffer.alloc(0) };
  // libgit2 reads an object as a whole or not at all.
  if (file.bytes > WHOLE_BYTES) return { ...facts, content: Buffer.alloc(0) };
  return { ...facts, content: (await nodegit.Blob.lookup(repository, file.id)).content() };
}

async function isFolder(tree: Tree, path: string): Promise<boolean> {
  try {
    return (await tree.entryByPath(path)).filemode() === MODE.TREE;
  } catch (error) {
    if (libgit2Errno(error) === -3) return false;
    throw error;
  }
}

function fromWorkspace(root: string, path: string): Read {
  const full = join(root, path);
  try {
    if (lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink()) {
      const target = readLinkInPlace(full);
      return { mode: 'link', bytes: target.length, content: target, blobSha: blobSha(target) };
    }
    return readOpenFile(openInPlace(full));
  } catch (error) {
    if (error instanceof NotInPlace || isGone(error)) throw whyNotThere(root, path);
    throw error;
  }
}

function readOpenFile(file: number): Read {
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new NotThere('not-a-file');
    const content = beginningOf(file, Math.min(stats.size, stats.size > WHOLE_BYTES ? TEXT_BYTES : WHOLE_BYTES));
    const mode = (stats.mode & 0o100) === 0 ? 'file' : 'executable';
    return { mode, bytes: stats.size, content, blobSha: stats.size > WHOLE_BYTES ? null : blobSha(content) };
  } finally {
    closeSync(file);
  }
}

function beginningOf(file: number, bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  let read = 0;
  for (;;) {
    const length = read < bytes ? readSync(file, content, read, bytes - read, read) : 0;
    if (length === 0) return content.subarray(0, read);
    read += length;
  }
}

function blobSha(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function shown(path: string, { mode, bytes, content, blobSha }: Read): Omit<FileContent, 'at' | 'path'> {
  const facts = { mode, bytes, blobSha, linkTarget: null, text: null, encoding: null, lineEnds: null };
  const nothing = { ...facts, isBinary: false, mediaType: null, base64: null, isCut: false };
  if (mode === 'link') return { ...nothing, linkTarget: content.toString('utf8') };
  if (mode === 'submodule') return nothing;
  const isWhole = content.length === bytes;
  const mediaType = imageTypeOf(path, content);
  const base64 = mediaType && isWhole ? content.toString('base64') : null;
  if (content.length === 0 && bytes > 0) return { ...nothing, isCut: true };
  const encoding = encodingOf(isWhole ? content : cutUtf8(content, content.length - 4));
  if (isBinary(content) && !encoding.startsWith('utf-16')) {
    return { ...nothing, isBinary: true, mediaType, base64, isCut: !isWhole && mediaType !== null };
  }
  const part = encoding === 'utf-8' ? cutUtf8(content, TEXT_BYTES) : content.subarray(0, TEXT_BYTES);
  const text = decode(part, encoding).replace(/^\uFEFF/, '');
  return {
    ...nothing,
    text,
    encoding,
    lineEnds: lineEndsOf(text),
    mediaType,
    base64,
    isCut: part.length < bytes,
  };
}
