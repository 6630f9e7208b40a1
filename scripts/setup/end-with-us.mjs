import { succeeds } from './run-command.mjs';

const WRAPPER = ['setpriv', '--pdeathsig', 'TERM'];
let isPossible;

/** A command as it must be written so that the system ends it when we are gone, even by kill -9. Where that cannot be had, the command as it is. */
export function endingWithUs(command) {
  isPossible ??= process.platform === 'linux' && succeeds(WRAPPER[0], [...WRAPPER.slice(1), 'true']);
  return isPossible ? [...WRAPPER, ...command] : command;
}
