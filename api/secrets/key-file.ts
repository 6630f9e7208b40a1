import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, stat, unlink } from 'node:fs/promises';
import { parseKey } from './key-text.ts';
import { KEY_BYTES } from './keyring.ts';
import { SecretsKeyError } from './secrets-key-error.ts';

/** The keys in the file, the newest first; null when there is no file. Others than its owner lose their rights to it. */
export async function readKeyFile(path: string): Promise<Buffer[] | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseKey);
  if (keys.length === 0 || keys.includes(null)) {
    throw new SecretsKeyError(
      `The key file ${path} is damaged: it has to hold one key a line, the newest first, each of 32 bytes in base64. Bring it back from a backup.`,
    );
  }
  return keys as Buffer[];
}

/** A new key in a new file, there whole or not at all. When another process was quicker, its key counts. */
export async function makeKeyFile(path: string): Promise<Buffer[]> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
  return (await readKeyFile(path)) as Buffer[];
}
