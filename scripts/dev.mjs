// `npm run dev`: the api is compiled and restarted, types are generated and pages reloaded as files change. Ctrl-C ends all.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dataFolder } from './setup/data-folder.mjs';
import { programEnvironment } from './setup/environment.mjs';
import { bin, root } from './setup/paths.mjs';
import { readablePlace } from './setup/readable-place.mjs';
import { runScript, step } from './setup/report.mjs';
import { runCommand } from './setup/run-command.mjs';
import { runNpm } from './setup/run-npm.mjs';
import { serviceAccount } from './setup/service-account.mjs';
import { setUp } from './setup/setup.mjs';

/** Where Vite listens. */
const PAGES = 'http://127.0.0.1:5173';

const running = new Set();
let api;
let isEnding = false;

await runScript(async () => {
  await setUp();
  await step('Building', async (progress) => {
    for (const script of ['build:api', 'schema', 'codegen']) {
      progress(script);
      await runNpm(['run', script]);
    }
  });

  const account = await serviceAccount();
  const dataDir = dataFolder(account);
  const place = readablePlace(account);
  const main = [place.node, '--enable-source-maps', join(place.checkout, 'dist/api/main.js'), ...process.argv.slice(2)];
  const port = process.env.PORT || '4000';
  const env = {
    ...programEnvironment({ account, place, dataDir }),
    NODE_ENV: 'development',
    // The pages come from Vite, which passes their requests on.
    KOSUKE_ALLOWED_ORIGINS: [process.env.KOSUKE_ALLOWED_ORIGINS, PAGES].filter(Boolean).join(','),
  };
  const startApi = () => {
    api = start('api', place.command(main), { env, cwd: place.cwd });
  };
  startApi();

  // The api starts anew when a compilation has ended without errors, never on a half-written build.
  let restarts = Promise.resolve();
  const restart = async () => {
    if (isEnding) return;
    await runCommand(process.execPath, ['dist/api/tools/print-schema.js']).catch((error) =>
      console.error(error.message),
    );
    await end(api);
    if (!isEnding) startApi();
  };
  let isFirst = true;
  start('tsc', [bin('tsc'), '-p', 'api/tsconfig.build.json', '--watch', '--preserveWatchOutput'], {
    onLine: (line) => {
      if (!/Found 0 errors/.test(line)) return;
      if (!isFirst) restarts = restarts.then(restart);
      isFirst = false;
    },
  });
  start('codegen', [bin('graphql-codegen'), '--config', 'codegen.ts', '--watch']);
  start('vite', [bin('vite'), '--config', 'client/vite.config.ts'], {
    env: { KOSUKE_API_URL: `http://127.0.0.1:${port}`, ...process.env },
  });
  await untilTold();
  isEnding = true;
  await Promise.all([...running].map(end));
});

/** Starts a program whose lines are shown with its name before them. */
function start(name, [command, ...args], { env = process.env, cwd = root, onLine = () => {} } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      console.log(`${name.padEnd(8)}| ${line}`);
      onLine(line);
    });
  }
  child.once('error', (error) => console.error(`${name.padEnd(8)}| ${error.message}`));
  child.once('close', (code, signal) => {
    running.delete(child);
    if (!isEnding && child !== api) console.error(`${name.padEnd(8)}| ended (${signal ?? code})`);
  });
  return child;
}

/** Asks a program and all it started to end, and waits until it has. */
async function end(child) {
  if (!running.has(child)) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  // The api ends its own children in order; a watcher leaves that to its group.
  process.kill(child === api ? child.pid : -child.pid, 'SIGTERM');
  const patience = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 15_000);
  await gone;
  clearTimeout(patience);
}

function untilTold() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve);
  });
}
