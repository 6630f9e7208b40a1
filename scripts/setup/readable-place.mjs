import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endingWithUs } from './end-with-us.mjs';
import { root } from './paths.mjs';
import { SetupError } from './report.mjs';
import { succeeds } from './run-command.mjs';
import { accountCan, underAccount } from './service-account.mjs';

/** Shows folders at other places, read-only, to one program: pairs of folder and place, `--`, the working directory, the program. */
const MOUNT_AND_RUN = `set -e
while [ "$1" != -- ]; do
  mount --bind "$1" "$2"
  mount -o remount,bind,ro "$2"
  shift 2
done
cd "$2"
shift 2
exec "$@"`;

/**
 * Where the account finds the checkout and Node. Root's own folders are closed to others (a clone in /root, Node from
 * nvm): those are shown to the program alone, in a mount namespace of its own, at a place it may enter.
 * `command` turns a program and its arguments into what to spawn so that it runs there under the account.
 */
export function readablePlace(account) {
  const moves = [];
  const placeFor = (folder, kind) => {
    const place = `/run/kosuke/${kind}-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
    moves.push(folder, place);
    return place;
  };

  let checkout = root;
  let node = process.execPath;
  if (account && !accountCan(account, ['-r', '-x'], root)) checkout = placeFor(root, 'app');
  if (account && !accountCan(account, ['-r', '-x'], node)) {
    const prefix = dirname(dirname(node));
    node = join(placeFor(prefix, 'node'), 'bin', 'node');
  }

  const command = (program) => {
    const inAccount = underAccount(account, endingWithUs(program));
    if (moves.length === 0) return inAccount;
    return [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      '/bin/sh',
      '-c',
      MOUNT_AND_RUN,
      'sh',
      ...moves,
      '--',
      checkout,
      ...inAccount,
    ];
  };

  const isMoved = moves.length > 0;
  // What is spawned begins here; a moved checkout can be entered only later, from inside.
  const cwd = isMoved ? '/' : root;
  const place = { checkout, node, command, cwd, isMoved };
  if (account) check(place, account, moves);
  return place;
}

function check(place, account, moves) {
  try {
    for (let at = 1; at < moves.length; at += 2) mkdirSync(moves[at], { recursive: true, mode: 0o755 });
  } catch (error) {
    throw cannotMove(account, moves, error.message);
  }
  const [program, ...args] = place.command([place.node, '-e', '0']);
  if (!succeeds(program, args, { cwd: '/' })) {
    if (moves.length > 0) throw cannotMove(account, moves, 'this system does not allow mounts here');
    throw new SetupError(
      `The account ${account.name} cannot run ${place.node}. Install Node for all users, or start Kosuke as an ordinary user.`,
    );
  }
  const [reader, ...readerArgs] = place.command([place.node, '-e', READS, place.checkout]);
  if (succeeds(reader, readerArgs, { cwd: '/' })) return;
  throw new SetupError(
    `Started as root, Kosuke runs as the account ${account.name}, which may not read all of ${root}. Let it:\n\n  chmod -R go+rX ${root}`,
  );
}

/** Fails when a file that a careful umask would have closed cannot be read. */
const READS = `
const { readFileSync, readdirSync } = require('fs');
const root = process.argv[1];
for (const path of ['package.json', 'scripts/start.mjs', 'node_modules/pg/package.json']) readFileSync(root + '/' + path);
for (const path of ['api', 'node_modules', 'node_modules/nodegit/build/Release']) readdirSync(root + '/' + path);`;

function cannotMove(account, moves, why) {
  return new SetupError(
    `Started as root, Kosuke runs as the account ${account.name}, which cannot enter ${moves.filter((_, at) => at % 2 === 0).join(' and ')} ` +
      `(${why}).\nMove the checkout to a folder that everyone may enter, such as /opt/kosuke${process.execPath.startsWith('/root') ? ', install Node for all users' : ''}, or start Kosuke as an ordinary user.`,
  );
}
