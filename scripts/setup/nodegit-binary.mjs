import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { demand } from './native-packages.mjs';
import { cacheDir, root } from './paths.mjs';
import { SetupError, step } from './report.mjs';
import { runCommand } from './run-command.mjs';

const home = join(root, 'node_modules/nodegit');
const binary = join(home, 'build/Release/nodegit.node');
/** How many files a build compiles, for the progress. */
const FILES_TO_COMPILE = 392;
const BUILD_MEMORY_BYTES = 1024 ** 3;

/** What building nodegit needs from the system. */
const TO_BUILD = ['compiler', 'make', 'python', 'kerberosHeaders'];

/**
 * Puts nodegit's native part in place: from the cache of an earlier build on this machine, or by building it, which
 * takes minutes. Does nothing when it is there and loads.
 */
export async function provideNodegit() {
  if (existsSync(binary) && load() === undefined) return;
  const cached = join(cacheDir(), 'nodegit', `${cacheKey()}.node`);
  if (existsSync(cached) && (await step('Taking nodegit from the cache', () => useCached(cached)))) return;

  await demand(TO_BUILD, 'to build nodegit, which works with git repositories');
  await step('Building nodegit (once per machine, about 5 to 10 minutes)', build);
  const problem = load();
  if (problem) throw new SetupError(`nodegit was built but does not load:\n${problem}`);
  store(cached);
}

/** All that a built binary depends on. */
function cacheKey() {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return `v${version}-abi${process.versions.modules}-${process.platform}-${process.arch}-${libc()}`;
}

function libc() {
  if (process.platform !== 'linux') return 'system';
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** Loads nodegit in a process of its own, where a binary that does not fit can do no harm; returns what went wrong. */
function load() {
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', home], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return status === 0 ? undefined : stderr.trim() || `ended by ${signal}`;
}

async function useCached(cached) {
  put(cached, binary);
  let problem = load();
  if (problem?.includes('libgssapi_krb5')) {
    await demand(['kerberos'], 'nodegit uses it');
    problem = load();
  }
  if (problem) rmSync(binary);
  return problem === undefined;
}

/** Runs nodegit's own install script: it takes its maintainers' binary where there is one, and else compiles. */
async function build(progress) {
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / BUILD_MEMORY_BYTES)));
  const env = {
    ...process.env,
    JOBS: String(jobs),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    ...ownHeaders(),
  };
  let compiled = 0;
  const onLine = (line) => {
    if (!/^\s*(CC|CXX)\(target\)/.test(line)) return;
    compiled += 1;
    progress(`${compiled} of about ${FILES_TO_COMPILE} files compiled`);
  };
  const script = join(home, 'lifecycleScripts/install.js');
  await runCommand(process.execPath, [script], { cwd: home, env, onLine });
  if (load() === undefined) return;
  // A binary made for a newer system than this one; compile it here.
  rmSync(join(home, 'build'), { recursive: true, force: true });
  await runCommand(process.execPath, [script], { cwd: home, env: { ...env, BUILD_ONLY: 'true' }, onLine });
}

/** The headers that came with this Node, so that none need be downloaded. */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath));
  try {
    const text = readFileSync(join(prefix, 'include/node/node_version.h'), 'utf8');
    const part = (name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1];
    const version = `v${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
    return version === process.version ? { npm_config_nodedir: prefix } : {};
  } catch {
    return {};
  }
}

function store(cached) {
  try {
    put(binary, cached);
  } catch (error) {
    console.warn(
      `! The built nodegit could not be kept in ${dirname(cached)} (${error.code}): it is built again next time.`,
    );
  }
}

/** Copies a binary so that it appears at its place whole. */
function put(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const draft = `${to}.${process.pid}`;
  copyFileSync(from, draft);
  chmodSync(draft, 0o755);
  renameSync(draft, to);
}
