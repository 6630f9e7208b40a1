import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The name of the runner whose workspaces lie in this data folder; made when there is none yet. */
export async function runnerIdOf(dataDir: string): Promise<string> {
  const path = join(dataDir, 'runner-id');
  try {
    const id = (await readFile(path, 'utf8')).trim();
    if (/^[a-z0-9]{8,32}$/.test(id)) return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = randomBytes(6).toString('hex');
  await mkdir(dataDir, { recursive: true });
  await writeFile(path, `${id}\n`, { mode: 0o600 });
  return id;
}
