// `npm test`: makes the checkout ready, builds it, and runs all tests. Arguments go to jest.
import { build } from './setup/build.mjs';
import { runScript } from './setup/report.mjs';
import { runTests } from './setup/run-tests.mjs';
import { setUp } from './setup/setup.mjs';

await runScript(async () => {
  await setUp();
  await build();
  const { passed, line } = await runTests(process.argv.slice(2));
  console.log(line);
  return passed ? 0 : 1;
});
