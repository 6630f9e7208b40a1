import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from './environment.mjs';
import { findChromium, wish } from './native-packages.mjs';
import { privateFolder } from './private-folder.mjs';
import { readablePlace } from './readable-place.mjs';
import { serviceAccount } from './service-account.mjs';
import { supervise } from './supervise.mjs';
import { removeWithProcesses } from './test-remains.mjs';

/** The journeys come last and alone: a browser that waits for a busy machine says nothing about the product. */
const IN_TURN = [
  ['--selectProjects', 'api', 'client'],
  ['--selectProjects', 'browser'],
];

/**
 * Runs all tests, or those that jest's arguments choose, under the service account and in a temporary folder that is
 * gone afterwards. Resolves with whether all passed and a line that counts them. The checkout must be set up and built.
 */
export async function runTests(args = []) {
  const browser = await findBrowser();
  const account = await serviceAccount();
  const place = readablePlace(account);
  const folder = privateFolder(account, 'kosuke-test-', ['home', 'tmp', 'cache']);
  try {
    const jest = join(place.checkout, 'node_modules/jest/bin/jest.js');
    const env = {
      ...bareEnvironment({ place, home: join(folder, 'home') }),
      ...browser,
      TMPDIR: join(folder, 'tmp'),
      NODE_ENV: 'test',
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    };
    // Everything jest prints is its report, told on stderr; the counts are ours to print.
    const stdio = ['ignore', 'ignore', 'inherit'];
    const counts = [];
    for (const chosen of args.length > 0 ? [args] : IN_TURN) {
      const resultFile = join(folder, `results-${counts.length}.json`);
      const options = ['--json', `--outputFile=${resultFile}`, '--cacheDirectory', join(folder, 'cache'), ...chosen];
      const code = await supervise(place.command([place.node, jest, ...options]), { env, cwd: place.cwd, stdio });
      counts.push(count(resultFile, code));
    }
    return sum(counts);
  } finally {
    await removeWithProcesses(folder);
  }
}

/** Tells the browser journeys which Chromium to drive, or why there is none. */
async function findBrowser() {
  const chosen = process.env.KOSUKE_TEST_CHROMIUM;
  if (chosen) return { KOSUKE_TEST_CHROMIUM: chosen };
  const without = 'Chromium is missing: the browser journeys are skipped.';
  const isThere = await wish(['chromium'], 'the browser journeys drive it', without);
  return isThere ? { KOSUKE_TEST_CHROMIUM: findChromium() } : { KOSUKE_TEST_CHROMIUM_MISSING: without };
}

/** What could not even begin (a suite that does not load, a run that broke off) counts as one failure each. */
function count(resultFile, code) {
  let results;
  try {
    results = JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    console.error('\nThe tests did not run to their end.');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  let failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  if (failed === 0 && code !== 0) failed = 1;
  return { passed: results.numPassedTests, failed, skipped: results.numPendingTests + results.numTodoTests };
}

function sum(counts) {
  const total = (key) => counts.reduce((all, one) => all + one[key], 0);
  const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')];
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  if (passed + failed === 0) console.error('\nNo test ran.');
  return { passed: failed === 0 && passed > 0, line };
}
