import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SPARE_FILE, SPARE_FORMAT } from '../git/spare-file.ts';
import { TEMPORARY_PREFIX } from '../git/temporary-folder.ts';
import type { WorkspaceLayout } from './layout.ts';
import { namesIn } from './trash.ts';

/** A finished workspace that is nobody's yet. */
export interface SpareOnDisk {
  projectId: string;
  path: string;
  headSha: string;
  bytes: number;
  /** When its project last got or lost a workspace. */
  usedMs: number;
}

/** The spares of all projects, those used longest ago first. */
export async function allSpares(layout: WorkspaceLayout): Promise<SpareOnDisk[]> {
  const lists = await Promise.all((await layout.projectIds()).map((projectId) => sparesOf(layout, projectId)));
  return lists.flat().sort((a, b) => a.usedMs - b.usedMs);
}

export async function sparesOf(layout: WorkspaceLayout, projectId: string): Promise<SpareOnDisk[]> {
  const spares: SpareOnDisk[] = [];
  for (const name of await namesIn(layout.pool(projectId))) {
    if (name.startsWith(TEMPORARY_PREFIX)) continue;
    const path = join(layout.pool(projectId), name);
    const found = await readSpareFile(path);
    if (typeof found !== 'object') continue;
    spares.push({
      projectId,
      path,
      headSha: found.headSha,
      bytes: found.bytes,
      usedMs: await lastUse(layout, projectId),
    });
  }
  return spares;
}

/** When a project last got or lost a workspace: the folder of its sessions changes then. */
export async function lastUse(layout: WorkspaceLayout, projectId: string): Promise<number> {
  const { mtimeMs } = await stat(layout.sessions(projectId)).catch(() => stat(layout.project(projectId)));
  return mtimeMs;
}

/** Takes a spare out of the pool. False when somebody else was quicker. */
export async function claimSpare(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

const spareFile = z.object({ format: z.number(), headSha: z.string(), bytes: z.number() });

/** What is written in a spare; 'outdated' when another version made it. */
export async function readSpareFile(path: string): Promise<z.infer<typeof spareFile> | 'outdated' | 'unknown'> {
  try {
    const contents = spareFile.parse(JSON.parse(await readFile(join(path, '.git', SPARE_FILE), 'utf8')));
    return contents.format === SPARE_FORMAT ? contents : 'outdated';
  } catch {
    return 'unknown';
  }
}
