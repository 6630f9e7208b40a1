import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Index, nodegit, type Oid, type Repository } from './nodegit.ts';
import { PackFile } from './pack-file.ts';

/**
 * An object store for one read, in a folder that is removed afterwards. It keeps what is new for itself and sees the objects
 * of others: so files that nobody committed can be compared as if somebody had, without writing where they are.
 */
export class ScratchStore {
  private readonly packs: string;
  private readonly pack = new PackFile();

  constructor(readonly folder: string) {
    this.packs = join(folder, 'objects', 'pack');
    mkdirSync(this.packs, { recursive: true, mode: 0o700 });
  }

  put(content: Buffer): Oid {
    return nodegit.Oid.fromString(this.pack.add('blob', content));
  }

  /** A tree of one file. */
  putTree(name: string, id: Oid, mode: number): Oid {
    const entry = Buffer.concat([Buffer.from(`${mode.toString(8)} ${name}\0`), Buffer.from(id.tostrS(), 'hex')]);
    return nodegit.Oid.fromString(this.pack.add('tree', entry));
  }

  /** An index that is in nobody's way. */
  index(): Promise<Index> {
    return nodegit.Index.open(join(this.folder, 'index'));
  }

  /** Everything that was put here, and what the sources have. Nothing can be put afterwards. */
  async open(sources: Repository[]): Promise<Repository> {
    this.pack.write(this.packs);
    const store = await nodegit.Odb.open(join(this.folder, 'objects'));
    for (const source of sources) await store.addDiskAlternate(join(source.commondir(), 'objects'));
    return await nodegit.Repository.wrapOdb(store);
  }
}
