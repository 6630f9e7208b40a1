import { lookup as lookupAddresses } from 'node:dns/promises';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import ipaddr from 'ipaddr.js';

export type Checked<T> = ({ ok: true } & T) | { ok: false; code: string; message: string };

/** Every address of a host. */
type Lookup = (host: string) => Promise<string[]>;

const EXAMPLE = 'https://example.com/team/shop.git';

/** Addresses of services for machines, outside of the private ranges. */
const PRIVATE_EXCEPTIONS = ['168.63.129.16'];

const systemLookup: Lookup = async (host) => (await lookupAddresses(host, { all: true })).map(({ address }) => address);

function refuse(code: string, message: string): { ok: false; code: string; message: string } {
  return { ok: false, code, message };
}

/**
 * Whether a repository may be cloned from this URL. The message never repeats the URL, which may hold a secret.
 * Addresses inside private networks are refused unless allowed; then plain http is let through to them as well.
 */
export async function checkCloneUrl(
  text: string,
  { allowPrivate, lookup = systemLookup }: { allowPrivate: boolean; lookup?: Lookup },
): Promise<Checked<{ url: string }>> {
  const refused = refuseText(text);
  if (refused) return refused;
  const url = new URL(text);
  const refusedUrl = refuseUrl(url);
  if (refusedUrl) return refusedUrl;

  const addresses = await addressesOf(url.hostname, lookup);
  if (addresses.length === 0) {
    return refuse(
      'UNKNOWN_HOST',
      `There is no host named ${url.hostname}. Check the URL, and the network of the server.`,
    );
  }
  if (!allowPrivate && !addresses.every(isPublic)) {
    return refuse(
      'PRIVATE_ADDRESS',
      'This host is inside a private network. The owner of the server can allow that with KOSUKE_ALLOW_PRIVATE_ADDRESSES.',
    );
  }
  if (url.protocol === 'http:' && !(allowPrivate && !addresses.some(isPublic))) {
    return refuse('UNSUPPORTED_PROTOCOL', 'Plain http is not safe on the way. Use the https URL of the repository.');
  }
  return { ok: true, url: url.href };
}

/** What can be told from the letters alone, before they are taken for a URL. */
function refuseText(text: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  if (text.startsWith('-') || text.length > 2000 || /[\u0000-\u0020\u007f\\]/.test(text)) {
    return refuse('MALFORMED_URL', `This is not a URL. It should look like ${EXAMPLE}.`);
  }
  if (/^[\w.+-]+::/.test(text)) {
    return refuse(
      'UNSUPPORTED_PROTOCOL',
      'Remote helpers (name::address) run programs, so they are refused. Use the https URL.',
    );
  }
  if (/^[^/:@]+@[^/:@]+:/.test(text)) {
    return refuse('UNSUPPORTED_PROTOCOL', 'Addresses for ssh are not supported. Use the https URL of the repository.');
  }
  if (text.startsWith('/') || text.startsWith('~') || text.startsWith('.')) {
    return refuse('UNSUPPORTED_PROTOCOL', 'This is a path. Add a folder of the server as a local repository instead.');
  }
  if (!text.includes('://') || !URL.canParse(text)) {
    return refuse('MALFORMED_URL', `This is not a whole URL. It should look like ${EXAMPLE}.`);
  }
  return null;
}

function refuseUrl(url: URL) {
  switch (url.protocol) {
    case 'https:':
    case 'http:':
      break;
    case 'file:':
      return refuse('UNSUPPORTED_PROTOCOL', 'For a folder on the server, give its path instead of a file: URL.');
    default:
      return refuse('UNSUPPORTED_PROTOCOL', 'Only https URLs can be cloned. Use the https URL of the repository.');
  }
  if (url.username || url.password) {
    return refuse(
      'CREDENTIALS_IN_URL',
      'Leave user name, password and token out of the URL: it is stored and shown. Tokens belong into the settings.',
    );
  }
  if (url.search || url.hash) {
    return refuse('MALFORMED_URL', 'Leave out what follows ? or #: the address of a repository ends before it.');
  }
  if (url.pathname === '/') {
    return refuse(
      'MALFORMED_URL',
      `This is the address of a host, not of a repository. It should look like ${EXAMPLE}.`,
    );
  }
  return null;
}

/** `URL` has put numbers in any clothes (0x7f.1, 2130706433) into their plain form already. */
async function addressesOf(hostname: string, lookup: Lookup): Promise<string[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host)) return [host];
  return lookup(host).catch(() => []);
}

function isPublic(address: string): boolean {
  // A link-local address may name its interface: fe80::1%eth0.
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.range() === 'rfc6052') {
    // What a network without IPv4 says for an IPv4 address: the last four bytes are it.
    return isPublic(parsed.toByteArray().slice(12).join('.'));
  }
  return parsed.range() === 'unicast' && !PRIVATE_EXCEPTIONS.includes(parsed.toString());
}

/** Whether a project can be made from this folder of the server. Whose it is, git asks when it opens it. */
export async function checkLocalPath(
  path: string,
  { dataDir }: { dataDir: string },
): Promise<Checked<{ path: string }>> {
  if (!isAbsolute(path) || path.includes('\0')) {
    return refuse('NOT_ABSOLUTE', 'Give the whole path of the folder, from / on.');
  }
  let real: string;
  try {
    real = await realpath(path);
    if (!(await stat(real)).isDirectory()) {
      return refuse('NOT_A_FOLDER', 'This path is a file. Give the folder of the repository.');
    }
    await access(real, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return refuse('NOT_READABLE', 'Kosuke may not read this folder. Let its account read it.');
    return refuse('NO_SUCH_FOLDER', 'There is no such folder on the server.');
  }
  const data = await realpath(dataDir).catch(() => dataDir);
  if (`${real}/`.startsWith(`${data}/`)) {
    return refuse('INSIDE_DATA', "This folder is part of Kosuke's own data.");
  }
  if (await isRepository(real)) return { ok: true, path: real };
  const above = await repositoryAbove(real);
  return refuse(
    'NOT_A_REPOSITORY',
    above
      ? `This folder is inside of a git repository. Give the folder of the repository: ${above}`
      : 'This folder is not a git repository. Run `git init` in it first, or give the folder that holds .git.',
  );
}

async function isRepository(path: string): Promise<boolean> {
  if (await exists(join(path, '.git'))) return true;
  const parts = await Promise.all(['HEAD', 'objects', 'refs'].map((name) => exists(join(path, name))));
  return parts.every(Boolean);
}

async function repositoryAbove(path: string): Promise<string | null> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (await isRepository(folder)) return folder;
    if (folder === dirname(folder)) return null;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
