import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RepositoryTraits } from './git.ts';
import { MODE, nodegit, type Oid, type Repository } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import { BRANCH_PREFIX, refTarget } from './refs.ts';
import { treeOf } from './trees.ts';

/** So many names are told, at most; a page has room for no more. */
const MAX_NAMED = 20;
const MAX_ATTRIBUTES_BYTES = 4 * 1024 * 1024;
const FILTER = /(?:^|\s)filter=(\S+)/g;
const ENCODING = /\sworking-tree-encoding=(\S+)/g;

/** What of a branch Kosuke does not do as git would: read from the branch itself, never from files that somebody may have changed. */
export async function repositoryTraits({ path, branch }: { path: string; branch: string }): Promise<RepositoryTraits> {
  const repository = await openRepository(path);
  try {
    const found = new Traits(repository);
    const tip = await refTarget(repository, BRANCH_PREFIX + branch);
    if (tip) await found.lookInto((await treeOf(repository, tip)).id(), '');
    return { ...found.all(), isShallow: existsSync(join(repository.commondir(), 'shallow')) };
  } finally {
    repository.cleanup();
  }
}

class Traits {
  private readonly filters = new Set<string>();
  private readonly encodings = new Set<string>();
  private readonly submodules: string[] = [];

  constructor(private readonly repository: Repository) {}

  async lookInto(id: Oid, prefix: string): Promise<void> {
    const tree = await nodegit.Tree.lookup(this.repository, id);
    for (const entry of tree.entries()) {
      const path = prefix + entry.name();
      if (entry.filemode() === MODE.TREE) await this.lookInto(entry.id(), `${path}/`);
      else if (entry.filemode() === MODE.GITLINK) this.submodules.push(path);
      else if (entry.name() === '.gitattributes' && entry.filemode() !== MODE.LINK)
        await this.readAttributes(entry.id());
    }
  }

  all(): Omit<RepositoryTraits, 'isShallow'> {
    return {
      filters: named(this.filters),
      encodings: named(this.encodings),
      submodules: named(this.submodules),
      submoduleCount: this.submodules.length,
    };
  }

  private async readAttributes(id: Oid): Promise<void> {
    const content = (await nodegit.Blob.lookup(this.repository, id)).content();
    if (content.length > MAX_ATTRIBUTES_BYTES) return;
    for (const line of content.toString('utf8').split('\n')) {
      if (line.startsWith('#')) continue;
      for (const [, name] of line.matchAll(FILTER)) if (name) this.filters.add(name);
      for (const [, name] of line.matchAll(ENCODING)) if (name) this.encodings.add(name);
    }
  }
}

const named = (names: Iterable<string>) => [...names].sort().slice(0, MAX_NAMED);
