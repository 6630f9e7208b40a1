import { chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SetupError } from './report.mjs';
import { accountCan } from './service-account.mjs';

/**
 * The data folder. For the service account it is made, or given to it while it is still empty; a folder that holds
 * something keeps its owner. Whether an ordinary user may write theirs is for the program to say.
 */
export function dataFolder(account) {
  const chosen = process.env.KOSUKE_DATA_DIR?.trim();
  if (!account) {
    const base = process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
    return resolve(chosen || join(base, 'kosuke'));
  }

  const folder = resolve(chosen || '/var/lib/kosuke');
  try {
    giveTo(account, folder);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(
      `The data folder ${folder} cannot be made: ${error.message}. Set KOSUKE_DATA_DIR to another one.`,
    );
  }
  if (!accountCan(account, ['-r', '-w', '-x'], folder)) {
    throw new SetupError(
      `Kosuke runs as the account ${account.name} when root starts it, and that account cannot write the data folder ${folder}: ` +
        'a folder above it is closed, or it cannot be written at all. Set KOSUKE_DATA_DIR to another one, such as /var/lib/kosuke.',
    );
  }
  return folder;
}

function giveTo(account, folder) {
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, account.uid, account.gid);
    return;
  }
  const { uid } = statSync(folder);
  if (uid === account.uid) return;
  if (readdirSync(folder).length === 0) {
    chownSync(folder, account.uid, account.gid);
    return;
  }
  throw new SetupError(
    `The data folder ${folder} holds files and belongs to user id ${uid}, but started as root Kosuke runs as the account ${account.name} ` +
      `(user id ${account.uid}).\nStart it as the folder's owner, set KOSUKE_DATA_DIR to another folder, or, when it is Kosuke's, give it over:\n\n` +
      `  chown -R ${account.name}: ${folder}`,
  );
}
