import { existsSync, readFileSync } from 'node:fs';

/** What of this machine decides whether bubblewrap can work; read afresh for every explanation. */
export interface MachineFacts {
  isRoot: boolean;
  isContainer: boolean;
  /** kernel.unprivileged_userns_clone (Debian); null where the kernel has no such switch. */
  unprivilegedUserNamespaces: number | null;
  /** kernel.apparmor_restrict_unprivileged_userns (Ubuntu). */
  appArmorRestricts: number | null;
  /** user.max_user_namespaces */
  maxUserNamespaces: number | null;
}

const ADVICE = 'Agents are not run without a sandbox.';

/** One paragraph for a person: why agents cannot be run here, and what to install or enable. */
export function explainFailure(failure: string, facts: MachineFacts): string {
  return `${ADVICE} ${reason(failure, facts)}`;
}

function reason(failure: string, facts: MachineFacts): string {
  if (facts.isRoot) {
    return 'The server runs as root, and an agent must not: start it with `npm start`, which changes to an account without rights, or start it from such an account.';
  }
  if (/ENOENT/.test(failure)) {
    return 'bubblewrap is not installed: `sudo apt install bubblewrap` (Debian, Ubuntu) or `sudo dnf install bubblewrap` (Fedora).';
  }
  if (/unknown option/i.test(failure)) {
    return 'The installed bubblewrap is too old: version 0.8 or newer is needed (`bwrap --version`). Debian 12 and Ubuntu 24.04 have it.';
  }
  if (/prlimit/.test(failure)) {
    return 'The program prlimit is missing: `sudo apt install util-linux`.';
  }
  if (facts.unprivilegedUserNamespaces === 0) {
    return 'User namespaces are switched off: `sudo sysctl -w kernel.unprivileged_userns_clone=1`, and the same line in /etc/sysctl.d/60-kosuke.conf to keep it.';
  }
  if (facts.maxUserNamespaces === 0) {
    return 'User namespaces are switched off: `sudo sysctl -w user.max_user_namespaces=15000`, and the same line in /etc/sysctl.d/60-kosuke.conf to keep it.';
  }
  if (facts.appArmorRestricts === 1 && /uid map|RTM_NEWADDR|permission/i.test(failure)) {
    return 'AppArmor keeps bubblewrap from making namespaces (Ubuntu 24.04 and newer): install its profile with `sudo apt install apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo systemctl reload apparmor`, or lift the restriction with `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`.';
  }
  if (facts.isContainer) {
    return `This container does not allow namespaces (${firstLine(failure)}): run it with \`--security-opt seccomp=unconfined --security-opt systempaths=unconfined\`, or run the server outside the container.`;
  }
  return `bubblewrap could not start a program: ${firstLine(failure)}. See \`bwrap --unshare-user --unshare-pid --ro-bind / / true\`.`;
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] || 'no reason given').slice(0, 300);
}

export function machineFacts(): MachineFacts {
  return {
    isRoot: process.getuid?.() === 0,
    isContainer:
      existsSync('/.dockerenv') || existsSync('/run/.containerenv') || existsSync('/run/secrets/kubernetes.io'),
    unprivilegedUserNamespaces: readSwitch('/proc/sys/kernel/unprivileged_userns_clone'),
    appArmorRestricts: readSwitch('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    maxUserNamespaces: readSwitch('/proc/sys/user/max_user_namespaces'),
  };
}

function readSwitch(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return null;
  }
}
