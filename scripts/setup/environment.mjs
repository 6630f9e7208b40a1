import { delimiter, dirname } from 'node:path';
import { accountCan } from './service-account.mjs';

/** What a program may take over from the environment we were started in. The rest may hold secrets of other programs. */
const PASSED_ON = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TERM', 'NO_COLOR', 'FORCE_COLOR', 'NODE_EXTRA_CA_CERTS', 'CI'];

/** The settings that api/config.ts reads. */
const isSetting = (name) => ['HOST', 'PORT', 'DATABASE_URL'].includes(name) || name.startsWith('KOSUKE_');

/** The environment of the program itself: its settings, and the little that every program needs. */
export function programEnvironment({ account, place, dataDir }) {
  const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => isSetting(name)));
  return {
    ...bareEnvironment({ account, place, home: account ? dataDir : process.env.HOME }),
    ...temporaryFolder(account),
    ...settings,
    KOSUKE_DATA_DIR: dataDir,
    NODE_ENV: process.env.NODE_ENV || 'production',
  };
}

/** No settings: what tests start from. */
export function bareEnvironment({ place, home }) {
  const kept = PASSED_ON.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]);
  const env = { ...Object.fromEntries(kept), HOME: home };
  env.PATH = [...(place.node !== process.execPath ? [dirname(place.node)] : []), ...pathWithoutNpm()].join(delimiter);
  return env;
}

/** npm puts the programs of every folder above the checkout first; what Kosuke and its agents start is none of those. */
function pathWithoutNpm() {
  const all = (process.env.PATH || '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  return all.filter((folder) => folder !== '' && !/node_modules\/\.bin$|node-gyp-bin$/.test(folder));
}

function temporaryFolder(account) {
  const folder = process.env.TMPDIR;
  if (!folder || (account && !accountCan(account, ['-w', '-x'], folder))) return {};
  return { TMPDIR: folder };
}
