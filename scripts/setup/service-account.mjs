import { spawnSync } from 'node:child_process';
import { SetupError, step } from './report.mjs';
import { hasProgram, runCommand, succeeds } from './run-command.mjs';

const NAME = 'kosuke';

/**
 * The account the program runs under: as root a system account of its own, made when it is missing; otherwise the
 * present one, for which this is undefined. Agents and PostgreSQL never run as root.
 */
export async function serviceAccount() {
  if (process.getuid?.() !== 0) return undefined;
  if (process.platform !== 'linux') throw new SetupError('Start Kosuke as an ordinary user, not as root.');
  for (const name of ['setpriv', 'useradd']) {
    if (!hasProgram(name)) {
      throw new SetupError(
        `Started as root, Kosuke changes to an account of its own, but the program ${name} is missing. Start it as an ordinary user.`,
      );
    }
  }
  if (!succeeds('id', ['-u', NAME])) {
    await step(`Making the system account ${NAME}, under which Kosuke runs`, () =>
      runCommand('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME], {
        cwd: '/',
      }),
    );
  }
  return { name: NAME, uid: idOf('-u'), gid: idOf('-g') };
}

/** A command as it must be written to run under the account. */
export function underAccount(account, command) {
  if (!account) return command;
  return ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', ...command];
}

/** Whether the account may do something, tried as that account: `test -r`, `test -w` and the like. */
export function accountCan(account, flags, path) {
  const conditions = flags.map((flag) => `[ ${flag} "$1" ]`).join(' && ');
  const [command, ...args] = underAccount(account, ['/bin/sh', '-c', conditions, 'sh', path]);
  return succeeds(command, args, { cwd: '/' });
}

function idOf(flag) {
  return Number(spawnSync('id', [flag, NAME], { encoding: 'utf8' }).stdout);
}
