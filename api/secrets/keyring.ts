import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'kosuke1';

/** A sealed value that cannot be opened with the keys that are here; `message` says it to a person. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

/** Where a sealed value lies. It is sealed for that place alone: moved to another row, it does not open. */
export type SealContext = readonly [table: string, column: string, row: string];

/** Seals what is kept encrypted: AES-256-GCM with the newest key, and the key's id written beside it. */
export class Keyring {
  private readonly keys: ReadonlyMap<string, Buffer>;
  /** The key that seals. The others only open. */
  readonly newestId: string;

  /** @param keys the newest first, each 32 bytes */
  constructor(keys: readonly Buffer[]) {
    const [newest] = keys;
    if (!newest || keys.some((key) => key.length !== KEY_BYTES)) throw new Error('A keyring needs keys of 32 bytes.');
    this.keys = new Map(keys.map((key) => [idOfKey(key), key]));
    this.newestId = idOfKey(newest);
  }

  seal(value: string, context: SealContext): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys.get(this.newestId) as Buffer, iv);
    cipher.setAAD(associated(context));
    const sealed = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${FORMAT}:${this.newestId}:${sealed.toString('base64url')}`;
  }

  /** @throws SecretUnreadable */
  open(sealed: string, context: SealContext): string {
    const [format, keyId = '', content = ''] = sealed.split(':');
    if (format !== FORMAT) throw new SecretUnreadable('A kept value is damaged: it is not in the form Kosuke writes.');
    const key = this.keys.get(keyId);
    if (!key) {
      throw new SecretUnreadable(
        `A kept value was sealed with the key ${keyId}, which this server does not have. Give it that key, or set the value anew.`,
      );
    }
    const bytes = Buffer.from(content, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
      decipher.setAAD(associated(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new SecretUnreadable('A kept value is damaged, or was moved from another place. Set it anew.', { cause });
    }
  }
}

/** The id of the key a value was sealed with; null when it is no sealed value. */
export function keyIdOf(sealed: string): string | null {
  return new RegExp(`^${FORMAT}:([0-9a-f]{16}):`).exec(sealed)?.[1] ?? null;
}

/** Tells keys apart and nothing else about them. */
function idOfKey(key: Buffer): string {
  return createHash('sha256').update('kosuke key id').update(key).digest('hex').slice(0, 16);
}

function associated(context: SealContext): Buffer {
  return Buffer.from(JSON.stringify(context));
}
