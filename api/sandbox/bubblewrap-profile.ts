import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOME_PATH, type SandboxLimits, type SandboxSpawn, WORKSPACE_PATH } from './sandbox.ts';

/** Numbers of the descriptors the profile is handed through, after stdin, stdout and stderr. */
export const INFO_FD = 3;
export const ARGUMENTS_FD = 4;
export const PASSWD_FD = 5;
export const GROUP_FD = 6;

/** The account inside is always this one, so nothing tells which account the server has. */
const UID = '1000';
export const PASSWD = `agent:x:${UID}:${UID}::${HOME_PATH}:/bin/bash\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n`;
export const GROUP = `agent:x:${UID}:\nnogroup:x:65534:\n`;

/** Of /etc only what programs of the system need to work at all. Nothing in it is secret. */
const ETC = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'alternatives',
  'ssl/certs',
  'ssl/openssl.cnf',
  'pki/tls/certs',
  'pki/ca-trust/extracted',
  'crypto-policies',
  'fonts',
  'localtime',
  'mime.types',
  'os-release',
];

const MEMORY_DISK_BYTES = String(2 ** 30);

/**
 * The allow-list, as bubblewrap's arguments: what is not named here does not exist inside. Later lines lie over earlier ones.
 */
export function profileArguments(spawn: SandboxSpawn, nodePath: string): string[] {
  const args = [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net', '--disable-userns'],
    ...[
      '--die-with-parent',
      '--new-session',
      '--cap-drop',
      'ALL',
      '--uid',
      UID,
      '--gid',
      UID,
      '--hostname',
      'workspace',
    ],
    ...['--ro-bind', '/usr', '/usr'],
    ...systemFolders(),
    ...etcEntries().flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...['--ro-bind-data', String(PASSWD_FD), '/etc/passwd', '--ro-bind-data', String(GROUP_FD), '/etc/group'],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', MEMORY_DISK_BYTES, '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--perms', '1777', '--size', MEMORY_DISK_BYTES, '--tmpfs', '/tmp'],
    ...nodeArguments(nodePath),
    ...spawn.readOnlyPaths.flatMap((path) => ['--ro-bind', path, path]),
    ...['--bind', spawn.workspacePath, WORKSPACE_PATH],
    ...['--ro-bind', join(spawn.workspacePath, '.git'), join(WORKSPACE_PATH, '.git')],
    ...['--bind', spawn.homePath, HOME_PATH],
    ...['--remount-ro', '/', '--chdir', WORKSPACE_PATH, '--clearenv'],
  ];
  for (const [name, value] of Object.entries(environment(spawn.env, HOME_PATH, '/tmp', nodePath))) {
    args.push('--setenv', name, value);
  }
  return args;
}

/** Set by a program inside, not by bubblewrap's parent: there the process count holds for the sandbox, not for the whole account. */
export function limitArguments(limits: SandboxLimits = {}): string[] {
  const { maxProcesses = 1024, maxFileBytes = 4 * 2 ** 30, maxMemoryBytes = 8 * 2 ** 30, maxOpenFiles = 8192 } = limits;
  return [
    `--nproc=${maxProcesses}`,
    `--fsize=${maxFileBytes}`,
    // Not the address space: V8 reserves far more of it than it ever uses.
    `--data=${maxMemoryBytes}`,
    `--nofile=${maxOpenFiles}`,
    '--core=0',
  ];
}

/** The environment of a program, whatever the sandbox: the given one, and nothing of ours besides these four. */
export function environment(env: Record<string, string>, home: string, tmp: string, nodePath: string) {
  const own = nodePath.startsWith('/usr/') ? [] : [dirname(nodePath)];
  const path = [...own, '/usr/local/bin', '/usr/bin', '/bin'].join(':');
  return { ...env, PATH: path, HOME: home, LANG: 'C.UTF-8', TMPDIR: tmp };
}

/** /bin, /lib and their fellows: links where the system merged them into /usr, else the folders themselves. */
function systemFolders(): string[] {
  return readdirSync('/', { withFileTypes: true })
    .filter((entry) => /^(bin|sbin|lib|lib32|lib64|libx32)$/.test(entry.name))
    .flatMap((entry) => {
      const path = `/${entry.name}`;
      return entry.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
    });
}

function etcEntries(): string[] {
  // Debian's Java does not start without its configuration.
  return [...ETC, ...readdirSync('/etc').filter((name) => /^java-\d+-openjdk$/.test(name))];
}

/**
 * Node itself where it is not the system's. Only its own files: the prefix may be somebody's home folder (~/.local), with
 * other programs' secrets beside it.
 */
function nodeArguments(nodePath: string): string[] {
  if (nodePath.startsWith('/usr/')) return [];
  const prefix = dirname(dirname(nodePath));
  const modules = join(prefix, 'lib/node_modules');
  const args = ['--ro-bind', nodePath, nodePath, '--ro-bind-try', modules, modules];
  for (const name of ['npm', 'npx']) {
    const path = join(prefix, 'bin', name);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) args.push('--symlink', readlinkSync(path), path);
  }
  return args;
}
