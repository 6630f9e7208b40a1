// `npm run check`: everything that must hold before a change is merged. The tests' counts are its last line.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './setup/build.mjs';
import { bin, root } from './setup/paths.mjs';
import { runScript, SetupError, step } from './setup/report.mjs';
import { runCommand } from './setup/run-command.mjs';
import { runTests } from './setup/run-tests.mjs';
import { setUp } from './setup/setup.mjs';

const outcomes = [];

await runScript(async () => {
  await setUp();
  // The build prints schema.graphql anew, so what is in the checkout is read before.
  const schema = readFileSync(join(root, 'schema.graphql'), 'utf8');

  await attempt('Format and lint', () => runCommand(bin('biome'), ['check', '.', '--error-on-warnings']));
  const isBuilt = await attempt('Build', build);
  if (isBuilt) {
    await attempt('schema.graphql is as printed from the code', () => compareSchema(schema));
    await attempt('Generated types are up to date', () =>
      runCommand(bin('graphql-codegen'), ['--config', 'codegen.ts']),
    );
  }
  await attempt('Types of the api', () => runCommand(bin('tsc'), ['-p', 'api/tsconfig.json', '--noEmit']));
  await attempt('Types of the client', () => runCommand(bin('tsc'), ['-p', 'client/tsconfig.json', '--noEmit']));
  await attempt('Who may know whom', () =>
    runCommand(bin('depcruise'), ['--config', '.dependency-cruiser.cjs', 'api', 'client']),
  );
  await attempt('Unused code', () => runCommand(bin('knip'), []));

  let tests = { passed: false, line: '0 passed, 1 failed' };
  if (isBuilt) {
    console.log('- Tests ...');
    tests = await runTests();
  }
  outcomes.push({ title: 'Tests', passed: tests.passed });

  console.log('\nSummary');
  for (const { title, passed } of outcomes) console.log(`  ${passed ? 'ok    ' : 'FAILED'}  ${title}`);
  console.log(`\n${tests.line}`);
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
});

/** Runs one check and goes on when it fails: a person wants to see all that is wrong at once. */
async function attempt(title, work) {
  let passed = true;
  try {
    await step(title, work);
  } catch (error) {
    passed = false;
    console.error(error instanceof SetupError ? error.message : error);
  }
  outcomes.push({ title, passed });
  return passed;
}

async function compareSchema(committed) {
  const folder = mkdtempSync(join(tmpdir(), 'kosuke-schema-'));
  try {
    const path = join(folder, 'schema.graphql');
    await runCommand(process.execPath, ['dist/api/tools/print-schema.js', path]);
    if (readFileSync(path, 'utf8') === committed) return;
    throw new SetupError(
      'schema.graphql is not what the code says. Run `npm run build` and commit the file it writes.',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
