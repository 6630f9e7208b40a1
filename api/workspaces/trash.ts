import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rmdir, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Removes folders without anybody waiting for it: they leave their place in one step, and are taken apart in the
 * background, one file at a time, so that the disk stays free for those at work.
 */
export class Trash {
  private emptying: Promise<void> | null = null;
  private hasMore = false;
  private isClosed = false;

  constructor(
    private readonly folder: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Takes a file or folder out of its place; one that is not there is fine. */
  async put(path: string): Promise<void> {
    await moveAside(path, this.folder);
  }

  /** Begins to remove what is in the trash, also what an earlier run left there. */
  empty(): void {
    this.hasMore = true;
    this.emptying ??= this.emptyAll().finally(() => {
      this.emptying = null;
    });
  }

  /** Resolves when nothing is being removed any more. */
  async whenEmptied(): Promise<void> {
    await this.emptying;
  }

  /** Stops; what is left goes after the next start. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.emptying;
  }

  private async emptyAll(): Promise<void> {
    while (this.hasMore && !this.isClosed) {
      this.hasMore = false;
      for (const name of await namesIn(this.folder)) {
        await this.remove(Buffer.from(join(this.folder, name)), true).catch(this.onError);
      }
    }
  }

  /** Names are bytes here: an agent may have made some that are no text. */
  private async remove(path: Buffer, isFolder: boolean): Promise<void> {
    if (this.isClosed) return;
    if (!isFolder) return await unlink(path);
    // An agent may have taken the rights to a folder of its own away.
    await chmod(path, 0o700);
    for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
      await this.remove(Buffer.concat([path, Buffer.from('/'), entry.name]), entry.isDirectory());
    }
    if (!this.isClosed) await rmdir(path);
  }
}

/** Moves something into a folder of its own below `into`, whatever is there already. Returns where, null when it is not there. */
export async function moveAside(path: string, into: string): Promise<string | null> {
  const when = new Date().toISOString().replaceAll(':', '-');
  const wrapper = join(into, `${when}-${randomBytes(4).toString('hex')}`);
  await mkdir(wrapper, { recursive: true, mode: 0o700 });
  const place = join(wrapper, basename(path));
  try {
    await rename(path, place);
    return place;
  } catch (error) {
    await rmdir(wrapper);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Moves something that is not known where a person can decide about it, and writes down where it was. */
export async function moveToQuarantine(path: string, { quarantine }: { quarantine: string }): Promise<string | null> {
  const place = await moveAside(path, quarantine);
  if (place) await writeFile(join(dirname(place), 'came-from.txt'), `${path}\n`).catch(() => undefined);
  return place;
}

/** The names in a folder; none when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
