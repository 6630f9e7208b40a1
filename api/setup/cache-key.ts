import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Changed when what is kept, or how, is no longer what it was. */
const FORMAT = 1;

export interface CacheIngredients {
  root: string;
  lockFiles: string[];
  script: string;
  folderNames: string[];
  /** Variables the script is given, without secrets: a token that is renewed makes no other dependencies. */
  variables: Record<string, string>;
}

/** Names everything that decides which dependencies a setup script makes. Null when a lock file is not to be read. */
export async function cacheKey(ingredients: CacheIngredients): Promise<string | null> {
  const { root, lockFiles, script, folderNames, variables } = ingredients;
  const locks: [string, string][] = [];
  for (const path of lockFiles) {
    const hash = await hashOf(join(root, path));
    if (hash === null) return null;
    locks.push([path, hash]);
  }
  const { platform, arch, version } = process;
  const all = [
    FORMAT,
    platform,
    arch,
    version,
    script,
    [...folderNames].sort(),
    Object.entries(variables).sort(),
    locks,
  ];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function hashOf(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (!file) return null;
  try {
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
