import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import type { Leftover, Leftovers, LeftoversInput } from './git.ts';
import { MODE, nodegit, type Repository, type Tree, type TreeEntry } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { treeOf } from './trees.ts';

const OWNER_MAY_ALL = 0o700;
const NAMED = 5;
const EXCLUDE = '.git/info/exclude';

/**
 * What lies in a work tree and not in a commit: ignored files, nested repositories, empty folders, what git could not
 * take. Only looked at, never followed through a link and never changed.
 */
export async function leftovers(input: LeftoversInput): Promise<Leftovers> {
  const base = await openRepository(input.basePath);
  try {
    const tree = input.commit ? await treeOf(base, nodegit.Oid.fromString(input.commit)) : null;
    const search = new Search(base, input);
    await search.folder(Buffer.from(input.path), null, { tree, top: null, isRebuilt: false });
    search.exclude();
    return search.result();
  } finally {
    base.cleanup();
  }
}

interface Where {
  /** The same folder in the commit; null when that has none. */
  tree: Tree | null;
  /** The first folder on the way down that the commit does not have. */
  top: string | null;
  /** Whether a folder on the way down is one of those that are made again. */
  isRebuilt: boolean;
}

class Search {
  private readonly entries: Leftover[] = [];
  private readonly bytesOf = new Map<string, number>();
  private readonly leftOut = new Set<string>();
  private readonly rebuilt: Set<string>;
  private readonly skipped: Set<string>;
  private count = 0;

  constructor(
    private readonly repository: Repository,
    private readonly input: LeftoversInput,
  ) {
    this.rebuilt = new Set(input.rebuiltFolders);
    this.skipped = new Set(input.skippedPaths);
  }

  result(): Leftovers {
    const sizes = [...this.bytesOf].map(([path, bytes]) => ({ path: readable(path), bytes }));
    return {
      entries: this.entries,
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
      isCut: this.count > this.entries.length,
      largest: sizes.sort((a, b) => b.bytes - a.bytes).slice(0, NAMED),
      leftOut: [...this.leftOut].map(readable).sort(),
    };
  }

  /** What git is told to leave out in this workspace alone; without it the next commit would hold those files. */
  exclude(): void {
    const info = lstatSync(`${this.input.path}/.git/info`, { throwIfNoEntry: false });
    if (!info?.isDirectory()) return;
    const file = lstatSync(`${this.input.path}/${EXCLUDE}`, { throwIfNoEntry: false });
    if (file?.isFile())
      this.add({ path: EXCLUDE, kind: 'file' }, file.size, { tree: null, top: null, isRebuilt: false });
  }

  async folder(path: Buffer, relative: Buffer | null, where: Where): Promise<void> {
    const mode = lstatSync(path).mode & 0o777;
    const isClosed = (mode & OWNER_MAY_ALL) !== OWNER_MAY_ALL;
    // An agent may have taken the rights to a folder of its own away.
    if (isClosed) chmodSync(path, mode | OWNER_MAY_ALL);
    try {
      if (relative && (isClosed || where.top !== null))
        this.add({ path: text(relative), kind: 'folder', mode }, 0, where);
      const known = new Map(where.tree?.entries().map((entry) => [entry.name(), entry]));
      for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
        if (!relative && entry.name.toString() === '.git') continue;
        const full = Buffer.concat([path, SLASH, entry.name]);
        const inside = relative ? Buffer.concat([relative, SLASH, entry.name]) : entry.name;
        const inCommit = known.get(entry.name.toString());
        if (entry.isDirectory()) await this.below(full, inside, entry.name.toString(), inCommit, where);
        else if (entry.isFile() || entry.isSymbolicLink()) {
          if (!this.isIn(inCommit, inside)) this.file(full, inside, entry.isFile() ? 'file' : 'link', where);
        }
      }
    } finally {
      if (isClosed) chmodSync(path, mode);
    }
  }

  private async below(path: Buffer, relative: Buffer, name: string, inCommit: TreeEntry | undefined, where: Where) {
    const isRebuilt = where.isRebuilt || this.rebuilt.has(name);
    if (inCommit?.filemode() === MODE.TREE) {
      const tree = await nodegit.Tree.lookup(this.repository, inCommit.id());
      await this.folder(path, relative, { tree, top: null, isRebuilt });
    } else if (isRebuilt) {
      this.leftOut.add(text(relative));
    } else {
      await this.folder(path, relative, { tree: null, top: where.top ?? text(relative), isRebuilt });
    }
  }

  /** A name that is no text cannot be told from others like it, and what could not be read is in the commit as it was before. */
  private isIn(inCommit: TreeEntry | undefined, relative: Buffer): boolean {
    if (!inCommit || inCommit.filemode() === MODE.TREE || inCommit.filemode() === MODE.GITLINK) return false;
    const path = relative.toString();
    return Buffer.from(path).equals(relative) && !this.skipped.has(path);
  }

  private file(path: Buffer, relative: Buffer, kind: 'file' | 'link', where: Where): void {
    if (where.isRebuilt) this.leftOut.add(text(relative));
    else this.add({ path: text(relative), kind }, lstatSync(path).size, where);
  }

  private add(entry: Leftover, bytes: number, { top }: Where): void {
    this.count += 1;
    if (this.entries.length < this.input.maxEntries) this.entries.push(entry);
    const place = top ?? entry.path;
    this.bytesOf.set(place, (this.bytesOf.get(place) ?? 0) + bytes);
  }
}

const SLASH = Buffer.from('/');

/** Names are bytes, and go between processes as text of one character a byte. */
function text(path: Buffer): string {
  return path.toString('latin1');
}

function readable(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
