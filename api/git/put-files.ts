import {
  accessSync,
  constants as fsConstants,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FileChangeKind, ResetResult } from './git.ts';
import { indexEntry } from './index-entry.ts';
import { DELTA, FILTER_TO_WORKTREE, type Index, MODE, nodegit, type Repository, type Tree } from './nodegit.ts';
import { systemCode } from './object-files.ts';
import { Place } from './place.ts';
import { isSafePath } from './safe-path.ts';

/** Larger ones are written as they are stored. */
const CONVERTIBLE_BYTES = 128 * 1024 * 1024;

/** So many are named in what came of it. */
const NAMED_FILES = 100;

export interface PutFilesInput {
  repository: Repository;
  root: string;
  /** What lies in the work tree now; null for nothing. */
  from: Tree | null;
  /** What is to lie there. */
  to: Tree | null;
  /** Files that differ from this are written byte for byte, all others as git checks them out. */
  committed: Tree | null;
  /** Holds `committed`; learns of the files that are put in place. */
  index: Index;
}

/**
 * Makes a work tree that holds one tree hold another. Only files that differ between the two are touched, and never one
 * that `from` does not hold: what is in the way is given another name. Done twice, it does no more than once.
 */
export async function putFiles(input: PutFilesInput): Promise<Put> {
  const { removed, written, undone } = await differences(input);
  const placing = new Placing(input);
  try {
    for (const path of removed.reverse()) placing.remove(path);
    // What is converted on the way out depends on attributes, so they are there first.
    const isAttributes = ({ path }: Written) => path === '.gitattributes' || path.endsWith('/.gitattributes');
    for (const file of [...written.filter(isAttributes), ...written.filter((file) => !isAttributes(file))]) {
      await placing.write(file);
    }
  } finally {
    placing.close();
  }
  return { keptPaths: placing.kept, undone };
}

export interface Put {
  /** The paths that were kept under another name, or could not be removed or written. */
  keptPaths: string[];
  undone: ResetResult['undone'];
}

interface Written {
  path: string;
  mode: number;
  sha: string;
  isNew: boolean;
  isRaw: boolean;
}

async function differences({ repository, from, to, committed }: PutFilesInput) {
  const removed: string[] = [];
  const written: Written[] = [];
  const raw = new Set<string>();
  const undone = new Map<string, FileChangeKind>();
  for (const { path } of await differencesOf(repository, committed, to)) raw.add(path);
  for (const { path, status, mode, sha } of await differencesOf(repository, from, to)) {
    // A file that becomes a link is listed twice: once as gone, once as new.
    undone.set(path, undone.has(path) ? 'type-changed' : undoneBy(status));
    if (status === DELTA.DELETED) removed.push(path);
    else if (mode !== MODE.GITLINK) {
      written.push({ path, mode, sha, isNew: status === DELTA.ADDED, isRaw: raw.has(path) });
    }
  }
  const files = [...undone].slice(0, NAMED_FILES).map(([path, kind]) => ({ path, kind }));
  return { removed, written, undone: { files, count: undone.size } };
}

/** Seen the other way round: what is gone now was added by what is undone. */
function undoneBy(status: number): FileChangeKind {
  if (status === DELTA.DELETED) return 'added';
  return status === DELTA.ADDED ? 'deleted' : 'modified';
}

interface Difference {
  path: string;
  status: number;
  mode: number;
  sha: string;
}

/** Read out at once: what nodegit hands out of a diff lies in memory that goes with the diff. */
async function differencesOf(repository: Repository, from: Tree | null, to: Tree | null): Promise<Difference[]> {
  if (!from && !to) return [];
  const diff = await nodegit.Diff.treeToTree(repository, from, to, { flags: 0, contextLines: 0 });
  const found: Difference[] = [];
  for (let index = 0; index < diff.numDeltas(); index += 1) {
    const delta = diff.getDelta(index);
    const file = delta.newFile();
    found.push({ path: file.path(), status: delta.status(), mode: file.mode(), sha: file.id().tostrS() });
  }
  return found;
}

class Placing {
  readonly kept: string[] = [];
  private readonly root: Place;
  private readonly scratch: string;
  /** The folders down to the file that was done last. */
  private chain: { name: string; place: Place }[] = [];

  constructor(private readonly input: PutFilesInput) {
    this.root = Place.openRoot(input.root);
    this.scratch = join(input.repository.path(), 'kosuke-writing');
    rmSync(this.scratch, { recursive: true, force: true });
    mkdirSync(this.scratch, { mode: 0o700 });
  }

  close(): void {
    rmSync(this.scratch, { recursive: true, force: true });
    this.leave(0);
    this.root.close();
  }

  remove(path: string): void {
    if (!isSafePath(path)) return;
    const [folders, name] = split(path);
    const place = this.enter(folders);
    if (!place) return;
    const there = lstatSync(place.at(name), { throwIfNoEntry: false });
    if (there?.isDirectory()) return;
    if (there && !isReadable(place.at(name), there.isSymbolicLink())) {
      this.kept.push(path);
      return;
    }
    if (there) unlinkSync(place.at(name));
    this.removeEmpty(folders);
  }

  async write(file: Written): Promise<void> {
    if (!isSafePath(file.path)) {
      this.kept.push(file.path);
      return;
    }
    const [folders, name] = split(file.path);
    const place = this.make(folders);
    const { mode } = file;
    const content = await this.content(file);
    if (!this.clear(place, file, name, content)) {
      const growing = join(this.scratch, 'file');
      rmSync(growing, { force: true });
      if (mode === MODE.LINK) symlinkSync(content, growing);
      else writeFileSync(growing, content, { flag: 'wx', mode: mode === MODE.EXECUTABLE ? 0o777 : 0o666 });
      renameSync(growing, place.at(name));
    }
    if (file.isRaw) return;
    const stats = lstatSync(place.at(name), { bigint: true });
    await this.input.index.add(indexEntry(file.path, nodegit.Oid.fromString(file.sha), mode, stats));
  }

  /** True when the very file is there already. What is not known from `from` is given another name. */
  private clear(place: Place, { path, mode, isNew }: Written, name: string, content: Buffer): boolean {
    const full = place.at(name);
    const there = lstatSync(full, { throwIfNoEntry: false });
    if (!there) return false;
    const isLink = there.isSymbolicLink();
    if (there.isDirectory()) {
      try {
        rmdirSync(full);
        return false;
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
      }
    } else if (isReadable(full, isLink)) {
      if (!isNew) return false;
      const isSameKind = isLink ? mode === MODE.LINK : there.isFile() && modeOf(there.mode) === mode;
      if (isSameKind && content.equals(isLink ? readlinkSync(full, { encoding: 'buffer' }) : readFileSync(full))) {
        return true;
      }
    }
    this.kept.push(beside(path, place.setAside(name)));
    return false;
  }

  private async content({ path, mode, sha, isRaw }: Written): Promise<Buffer> {
    const { repository } = this.input;
    const stored = (await nodegit.Blob.lookup(repository, nodegit.Oid.fromString(sha))).content();
    if (isRaw || mode === MODE.LINK || stored.length > CONVERTIBLE_BYTES) return stored;
    const filters = await nodegit.FilterList.load(repository, null, path, FILTER_TO_WORKTREE, 0);
    if (!filters) return stored;
    // Each byte goes in as a character of its own, as in staging: nodegit hands the result over as UTF-8 text.
    const copy = join(this.scratch, 'text');
    writeFileSync(copy, stored.toString('latin1'), 'utf8');
    return Buffer.from(await filters.applyToFile(repository, copy), 'latin1');
  }

  /** The folder where it is there, with no link on the way. */
  private enter(folders: string[]): Place | null {
    let place = this.reuse(folders);
    for (const name of folders.slice(this.chain.length)) {
      const next = place.folder(name);
      if (!next) return null;
      this.chain.push({ name, place: next });
      place = next;
    }
    return place;
  }

  private make(folders: string[]): Place {
    let place = this.reuse(folders);
    for (const name of folders.slice(this.chain.length)) {
      const there = lstatSync(place.at(name), { throwIfNoEntry: false });
      let next = place.folder(name);
      if (!next) {
        const path = [...this.chain.map((link) => link.name), name].join('/');
        if (there) this.kept.push(beside(path, place.setAside(name)));
        place.makeFolder(name);
        next = place.folder(name);
      }
      if (!next) throw new Error('A folder was replaced while it was made.');
      this.chain.push({ name, place: next });
      place = next;
    }
    return place;
  }

  /** Keeps open what the next path shares with the last. */
  private reuse(folders: string[]): Place {
    let shared = 0;
    while (shared < this.chain.length && this.chain[shared]?.name === folders[shared]) shared += 1;
    this.leave(shared);
    return this.chain.at(-1)?.place ?? this.root;
  }

  private leave(depth: number): void {
    for (const { place } of this.chain.splice(depth)) place.close();
  }

  private removeEmpty(folders: string[]): void {
    for (let depth = folders.length; depth > 0; depth -= 1) {
      const above = this.enter(folders.slice(0, depth - 1));
      try {
        if (above) rmdirSync(above.at(folders[depth - 1] as string));
      } catch {
        return;
      }
    }
  }
}

function split(path: string): [folders: string[], name: string] {
  const folders = path.split('/');
  return [folders, folders.pop() as string];
}

function beside(path: string, name: string): string {
  return [...split(path)[0], name].join('/');
}

function modeOf(mode: number): number {
  return mode & 0o100 ? MODE.EXECUTABLE : MODE.FILE;
}

function isReadable(full: string, isLink: boolean): boolean {
  if (isLink) return true;
  try {
    accessSync(full, fsConstants.R_OK);
    return true;
  } catch {
    return false;
  }
}
