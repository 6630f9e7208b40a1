import { existsSync } from 'node:fs';
import { SetupError, say, step } from './report.mjs';
import { hasProgram, runCommand } from './run-command.mjs';

/** What each need is called by the package managers we know, and how to see whether it is there. */
const NEEDS = {
  git: { isThere: () => hasProgram('git'), apt: 'git', dnf: 'git', pacman: 'git', brew: 'git' },
  compiler: { isThere: () => hasProgram('g++') || hasProgram('clang++'), apt: 'g++', dnf: 'gcc-c++', pacman: 'gcc' },
  make: { isThere: () => hasProgram('make'), apt: 'make', dnf: 'make', pacman: 'make' },
  python: { isThere: () => hasProgram('python3'), apt: 'python3', dnf: 'python3', pacman: 'python', brew: 'python' },
  kerberosHeaders: {
    isThere: () => hasProgram('krb5-config'),
    apt: 'libkrb5-dev',
    dnf: 'krb5-devel',
    pacman: 'krb5',
    brew: 'krb5',
  },
  kerberos: { isThere: () => false, apt: 'libgssapi-krb5-2', dnf: 'krb5-libs', pacman: 'krb5' },
  bubblewrap: { isThere: () => hasProgram('bwrap'), apt: 'bubblewrap', dnf: 'bubblewrap', pacman: 'bubblewrap' },
  chromium: { isThere: () => findChromium() !== undefined, apt: 'chromium', dnf: 'chromium', pacman: 'chromium' },
};

const MANAGERS = {
  apt: { program: 'apt-get', line: 'apt-get update && apt-get install -y --no-install-recommends' },
  dnf: { program: 'dnf', line: 'dnf install -y' },
  pacman: { program: 'pacman', line: 'pacman -S --needed' },
  brew: { program: 'brew', line: 'brew install' },
};

/**
 * Sees to it that the needs are met. As root with apt it installs what is missing; otherwise it resolves with the one
 * line to run, or undefined when nothing is missing.
 */
export async function provide(names, why) {
  const missing = names.filter((name) => !NEEDS[name].isThere());
  if (missing.length === 0) return undefined;

  const manager = Object.keys(MANAGERS).find((name) => hasProgram(MANAGERS[name].program));
  const packages = missing.map((name) => NEEDS[name][manager]).filter(Boolean);
  if (manager === undefined) return `install ${missing.map((name) => NEEDS[name].apt).join(', ')}`;
  if (packages.length === 0) return process.platform === 'darwin' ? 'xcode-select --install' : undefined;

  const isRoot = process.getuid?.() === 0;
  if (manager === 'apt' && isRoot) {
    await step(`Installing ${packages.join(', ')} (${why})`, (progress) => aptInstall(packages, progress));
    return undefined;
  }
  const sudo = isRoot || manager === 'brew' ? '' : 'sudo ';
  return `${sudo}${MANAGERS[manager].line.replace('&& ', `&& ${sudo}`)} ${packages.join(' ')}`;
}

/** As `provide`, but ends the set-up with the line to run when something is missing. */
export async function demand(names, why) {
  const line = await provide(names, why);
  if (line)
    throw new SetupError(
      `Some packages of the system are missing (${why}). Install them, then start again:\n\n  ${line}`,
    );
}

/** As `provide`, but goes on without; resolves with whether the needs are met. */
export async function wish(names, why, without) {
  let line;
  try {
    line = await provide(names, why);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`  ${error.message.trim().split('\n').at(-1)}`);
  }
  if (!line && names.every((name) => NEEDS[name].isThere())) return true;
  say(`! ${without}${line ? ` To change that, run:\n\n    ${line}\n` : ''}`);
  return false;
}

/** A Chromium that the browser tests can drive. */
export function findChromium() {
  const places = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];
  places.push('/usr/lib/chromium/chromium', '/usr/lib64/chromium-browser/chromium-browser');
  places.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  places.push('/Applications/Chromium.app/Contents/MacOS/Chromium');
  return places.find((path) => existsSync(path));
}

async function aptInstall(packages, progress) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const onLine = (line) => progress(line.slice(0, 60));
  // Without lists (a fresh machine) nothing is found; with a mirror that is down, the lists of yesterday may do.
  const update = await runCommand('apt-get', ['update'], { cwd: '/', env, onLine }).catch((error) => error);
  try {
    await runCommand('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { cwd: '/', env, onLine });
  } catch (error) {
    throw update instanceof Error ? new SetupError(`${update.message}\n${error.message}`) : error;
  }
}
