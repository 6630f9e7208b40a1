import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MODE, nodegit, ODB_NO_REFRESH, type Odb, type Oid, type Repository } from './nodegit.ts';
import { linkObjects, linkOrCopy } from './object-files.ts';

/**
 * Brings a commit, and everything it needs, from a workspace into the base. Only what the base lacks is looked at, and
 * what is referred to always arrives before what refers to it: stopped anywhere, the base is still whole.
 */
export async function copyCommits(from: Repository, to: Repository, tip: Oid): Promise<void> {
  const store = await to.odb();
  const copy = new ObjectCopy(from, store, join(from.commondir(), 'objects'), join(to.commondir(), 'objects'));
  const seen = new Set<string>();
  const pending = [{ id: tip, areParentsThere: false }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { id, areParentsThere } = next;
    if (copy.isThere(id)) continue;
    const commit = await nodegit.Commit.lookup(from, id);
    if (areParentsThere) {
      await copy.tree(commit.treeId());
      copy.object(id);
    } else if (!seen.has(id.tostrS())) {
      seen.add(id.tostrS());
      pending.push({ id, areParentsThere: true });
      for (let parent = 0; parent < commit.parentcount(); parent += 1) {
        pending.push({ id: commit.parentId(parent), areParentsThere: false });
      }
    }
  }
}

class ObjectCopy {
  constructor(
    private readonly from: Repository,
    private readonly store: Odb,
    private readonly fromObjects: string,
    private readonly toObjects: string,
  ) {}

  isThere(id: Oid): boolean {
    return existsSync(loosePath(this.toObjects, id)) || this.store.existsExt(id, ODB_NO_REFRESH) === 1;
  }

  async tree(id: Oid): Promise<void> {
    if (this.isThere(id)) return;
    const tree = await nodegit.Tree.lookup(this.from, id);
    for (const entry of tree.entries()) {
      if (entry.filemode() === MODE.TREE) await this.tree(entry.id());
      else if (entry.filemode() !== MODE.GITLINK && !this.isThere(entry.id())) this.object(entry.id());
    }
    this.object(id);
  }

  object(id: Oid): void {
    const loose = loosePath(this.fromObjects, id);
    if (!lstatSync(loose, { throwIfNoEntry: false })?.isFile()) {
      // It came packed, which none of our commits are: then whole packs go over.
      linkObjects(this.fromObjects, this.toObjects);
      return;
    }
    const to = loosePath(this.toObjects, id);
    mkdirSync(dirname(to), { recursive: true });
    linkOrCopy(loose, to);
  }
}

function loosePath(objects: string, id: Oid): string {
  const sha = id.tostrS();
  return join(objects, sha.slice(0, 2), sha.slice(2));
}
