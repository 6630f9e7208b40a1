import { endingWithUs } from './end-with-us.mjs';
import { runCommand } from './run-command.mjs';

/** Runs npm: the one that runs us, where one does. It does not outlive us, or it would meet the npm of the next start. */
export function runNpm(args, options) {
  const own = process.env.npm_execpath;
  const npm = own?.endsWith('npm-cli.js') ? [process.execPath, own] : ['npm'];
  const [command, ...rest] = endingWithUs([...npm, ...args]);
  return runCommand(command, rest, { ...options, shownAs: ['npm', ...args].join(' ') });
}
