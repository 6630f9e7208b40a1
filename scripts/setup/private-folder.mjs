import { chownSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new temporary folder with these folders in it, all of them the account's. */
export function privateFolder(account, prefix, names) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), prefix));
  const inside = names.map((name) => join(folder, name));
  for (const path of inside) mkdirSync(path);
  if (account) for (const path of [folder, ...inside]) chownSync(path, account.uid, account.gid);
  return folder;
}
