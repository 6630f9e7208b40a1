import { join } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import { makeKeyFile, readKeyFile } from './key-file.ts';
import { Keyring, keyIdOf, type SealContext, SecretUnreadable } from './keyring.ts';
import { SecretsKeyError } from './secrets-key-error.ts';

/** Held while keys are looked at: an api and a runner may start at once. */
const KEYS_LOCK = 7_267_300_010;
const CANARY = 'Kosuke can read this';
const canaryOf = (id: string): SealContext => ['secret_keys', 'canary', id];

/** A column of sealed text. `row` is the SQL of what names the row in the context of the seal. */
export interface SealedColumn {
  table: string;
  column: string;
  row: string;
}

interface KeyringOptions {
  dataSource: DataSource;
  dataDir: string;
  /** From the settings, the newest first; null: those of the key file, which is made when there is none. */
  keys: Buffer[] | null;
  /** Where sealed values lie; they are brought to the newest key. */
  sealedColumns: SealedColumn[];
}

/**
 * The keys of this server, proven to be those the database was written with: for each key that ever sealed something there
 * is a value in it that has to open.
 * @throws SecretsKeyError
 */
export function openKeyring({ dataSource, dataDir, keys, sealedColumns }: KeyringOptions): Promise<Keyring> {
  const path = join(dataDir, 'secrets.key');
  return dataSource.transaction(async (db) => {
    await db.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
    const known = (await db.query('SELECT id, canary FROM secret_keys')) as { id: string; canary: string }[];
    const found = keys ?? (await readKeyFile(path)) ?? (known.length === 0 ? await makeKeyFile(path) : null);
    const place = keys ? 'KOSUKE_SECRETS_KEYS' : path;
    if (!found) throw new SecretsKeyError(`${otherKey(known[0]?.id)} There is no ${path} either. ${remedy(place)}`);
    const keyring = new Keyring(found);
    for (const { id, canary } of known) {
      if (!opens(keyring, canary, id)) throw new SecretsKeyError(`${otherKey(id)} ${remedy(place)}`);
    }
    const { newestId } = keyring;
    await db.query('INSERT INTO secret_keys (id, canary) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      newestId,
      keyring.seal(CANARY, canaryOf(newestId)),
    ]);
    for (const column of sealedColumns) await sealAnew(db, keyring, column);
    await forgetUnused(db, newestId, sealedColumns);
    return keyring;
  });
}

function opens(keyring: Keyring, canary: string, id: string): boolean {
  try {
    return keyring.open(canary, canaryOf(id)) === CANARY;
  } catch (error) {
    if (error instanceof SecretUnreadable) return false;
    throw error;
  }
}

/** What an older key sealed is sealed with the newest one, so that the older one can be laid aside. */
async function sealAnew(db: EntityManager, keyring: Keyring, { table, column, row }: SealedColumn): Promise<void> {
  const values = (await db.query(
    `SELECT ctid::text AS place, ${row} AS row, ${column} AS sealed FROM ${table} WHERE ${column} NOT LIKE $1 FOR UPDATE`,
    [`%:${keyring.newestId}:%`],
  )) as { place: string; row: string; sealed: string }[];
  for (const { place, row: name, sealed } of values) {
    const context: SealContext = [table, column, name];
    try {
      const again = keyring.seal(keyring.open(sealed, context), context);
      await db.query(`UPDATE ${table} SET ${column} = $2 WHERE ctid = $1::tid`, [place, again]);
    } catch (error) {
      // It stays as it is; whoever uses it is told.
      if (!(error instanceof SecretUnreadable)) throw error;
    }
  }
}

/** A key that sealed nothing that is still there need not be here at the next start. */
async function forgetUnused(db: EntityManager, newestId: string, columns: SealedColumn[]): Promise<void> {
  const used = new Set([newestId]);
  for (const { table, column } of columns) {
    const ids = (await db.query(
      `SELECT DISTINCT split_part(${column}, ':', 1) || ':' || split_part(${column}, ':', 2) || ':' AS id FROM ${table}`,
    )) as { id: string }[];
    for (const { id } of ids) used.add(keyIdOf(id) ?? '');
  }
  await db.query('DELETE FROM secret_keys WHERE NOT (id = ANY ($1))', [[...used]]);
}

function otherKey(id: string | undefined): string {
  return `The database holds values that were sealed with another key (${id}) than the one this process has.`;
}

function remedy(place: string): string {
  return `Every process of this server needs the same keys: put that key into ${place} (older keys behind the newest), or copy secrets.key from the data folder of the process that has it. When it is lost for good, remove its row from the table secret_keys; the values sealed with it have to be set anew.`;
}
