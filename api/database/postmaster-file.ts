import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcess } from '../start/process-identity.ts';

/** What a running PostgreSQL writes about itself into postmaster.pid. */
export interface Postmaster {
  pid: number;
  socketDir: string;
}

/** The server that says it runs on this PostgreSQL folder, or undefined. It may be dead: ask `isPostmaster`. */
export async function readPostmasterFile(postgresDir: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(postgresDir, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  // Lines: pid, data folder, start time, port, socket folder, listen address, shared memory, state.
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, socketDir: lines[4]?.trim() ?? '' };
}

/** Whether a process of this id is alive and is a PostgreSQL: after a crash the number may belong to anything. */
export async function isPostmaster(pid: number): Promise<boolean> {
  return (await findProcess(pid))?.command === 'postgres';
}
