import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcess } from './process-identity.ts';

/** What others are told about the instance that runs on a data folder. */
export interface InstanceInfo {
  /** Where it listens, e.g. http://127.0.0.1:7777. */
  url: string;
}

export interface InstanceLock {
  /** Says where the instance is now, once the port is known. */
  update(info: InstanceInfo): Promise<void>;
  release(): Promise<void>;
}

/** Another instance lives on this data folder. The message is for the person who tried to start a second one. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
  readonly code = 'already_running';

  constructor(
    readonly pid: number,
    readonly url: string,
  ) {
    super(`Kosuke is already running on this data folder (pid ${pid}, ${url})`);
  }
}

interface LockRecord extends InstanceInfo {
  pid: number;
  startedAt: string;
  /** Names this one taking of the lock. */
  id: string;
}

/**
 * Makes this process the only instance on a data folder. A lock whose process is gone (kill -9, a reboot, a pid that is
 * someone else's now) is taken over. Throws AlreadyRunningError when its process lives, else the file system's own errors.
 */
export async function acquireInstanceLock(dataDir: string, info: InstanceInfo): Promise<InstanceLock> {
  const self = await findProcess(process.pid);
  if (!self) throw new Error('This process cannot find itself in the process table');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'kosuke.lock');
  const record = { pid: self.pid, startedAt: self.startedAt, id: randomBytes(8).toString('hex'), url: info.url };
  await take(path, record);

  return {
    update: async ({ url }) => {
      if (await isHeldBy(path, record.id)) await publish(path, { ...record, url }, rename);
    },
    release: async () => {
      if (await isHeldBy(path, record.id)) await rm(path, { force: true });
    },
  };
}

async function take(path: string, record: LockRecord): Promise<void> {
  for (;;) {
    try {
      return await publish(path, record, link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }

    const holder = await read(path);
    if (holder === undefined) continue;
    if (holder !== 'unreadable' && (await findProcess(holder.pid))?.startedAt === holder.startedAt) {
      throw new AlreadyRunningError(holder.pid, holder.url);
    }

    // Two may see the same dead holder. Replacing that one record is guarded by a lock of its own, named after it, so
    // whoever comes second finds another record in its place and leaves it.
    const id = holder === 'unreadable' ? holder : holder.id;
    const guard = `${path}.${id}`;
    await take(guard, record);
    try {
      const now = await read(path);
      const isSame = now !== undefined && (now === 'unreadable' ? now : now.id) === id;
      if (isSame) return await publish(path, record, rename);
    } finally {
      await rm(guard, { force: true });
    }
  }
}

/** Puts a record in place whole: a reader never sees half of it. `link` fails when the name is taken, `rename` replaces. */
async function publish(path: string, record: LockRecord, put: typeof link): Promise<void> {
  const draft = `${path}.draft-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
    await put(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

async function isHeldBy(path: string, id: string): Promise<boolean> {
  const record = await read(path);
  return record !== undefined && record !== 'unreadable' && record.id === id;
}

async function read(path: string): Promise<LockRecord | 'unreadable' | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as LockRecord;
    return /^[0-9a-f]{16}$/.test(record.id) ? record : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}
