import {
  accessSync,
  chmodSync,
  closeSync,
  constants as fsConstants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { GitError } from './git-error.ts';
import { systemCode } from './object-files.ts';

/**
 * A folder of a workspace, held open: what is done at its names happens in this very folder, wherever links are put
 * meanwhile. Programs of a sandbox may still be writing in the workspace, and the server writes with rights they lack.
 */
export class Place {
  private constructor(
    private readonly file: number,
    private readonly path: string,
  ) {}

  static openRoot(path: string): Place {
    const real = realpathSync.native(path);
    return Place.opened(real, real);
  }

  /** The folder with this name, or null when there is none, or a link. */
  folder(name: string): Place | null {
    try {
      return Place.opened(this.at(name), join(this.path, name));
    } catch (error) {
      if (isNoFolder(error)) return null;
      throw error;
    }
  }

  makeFolder(name: string): void {
    try {
      mkdirSync(this.at(name));
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }

  /** A path that leads to this name in this folder, and nowhere else. */
  at(name: string): string {
    if (process.platform === 'linux') return `/proc/self/fd/${this.file}/${name}`;
    // Elsewhere nothing leads through an open folder; this leaves a gap, but only the sandbox of Linux can be raced in.
    if (realpathSync.native(this.path) !== this.path) throw movedMeanwhile();
    return join(this.path, name);
  }

  /** Gives what is called so another name beside it, and returns that. */
  setAside(name: string): string {
    for (let attempt = 1; ; attempt += 1) {
      const other = `${name}.kosuke-kept${attempt === 1 ? '' : `-${attempt}`}`;
      if (lstatSync(this.at(other), { throwIfNoEntry: false })) continue;
      renameSync(this.at(name), this.at(other));
      return other;
    }
  }

  close(): void {
    closeSync(this.file);
  }

  /** It is our own folder, whoever took the right to write in it away. */
  private makeWritable(): void {
    const self = process.platform === 'linux' ? `/proc/self/fd/${this.file}` : this.path;
    const { W_OK, X_OK } = fsConstants;
    try {
      accessSync(self, W_OK | X_OK);
    } catch {
      chmodSync(self, fstatSync(this.file).mode | 0o700);
    }
  }

  private static opened(path: string, real: string): Place {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fsConstants;
    const file = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (process.platform === 'linux' && readlinkSync(`/proc/self/fd/${file}`) !== real) {
      closeSync(file);
      throw movedMeanwhile();
    }
    const place = new Place(file, real);
    place.makeWritable();
    return place;
  }
}

/** One that may not even be read counts as something else that is in the way. */
function isNoFolder(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(systemCode(error) ?? '');
}

function movedMeanwhile(): GitError {
  return new GitError('drifted', 'Folders of the workspace were moved while its files were put in place. Try again.');
}
