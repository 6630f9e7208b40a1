import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The refs of a bare repository of ours under a prefix ("refs/heads"), each with its commit, by name: read from its files
 * without a git process, for those who look at many repositories at once. Symbolic and broken ones are left out.
 */
export async function readRefFiles(gitFolder: string, prefix: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const line of (await readText(join(gitFolder, 'packed-refs'))).split('\n')) {
    const [, sha, name] = /^([0-9a-f]{40}) (\S+)$/.exec(line) ?? [];
    if (sha && name?.startsWith(`${prefix}/`)) found.set(name, sha);
  }
  // A loose one is newer than a packed one of the same name.
  await readLoose(gitFolder, prefix, found);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function readLoose(gitFolder: string, name: string, found: Map<string, string>): Promise<void> {
  const entries = await readdir(join(gitFolder, name), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = `${name}/${entry.name}`;
    if (entry.isDirectory()) await readLoose(gitFolder, path, found);
    else if (entry.isFile() && !entry.name.endsWith('.lock')) {
      const sha = (await readText(join(gitFolder, path))).trim();
      if (/^[0-9a-f]{40}$/.test(sha)) found.set(path, sha);
    }
  }
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
