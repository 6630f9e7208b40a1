// `npm start`: makes the checkout ready, builds it, and runs Kosuke until it is told to stop.
import { join } from 'node:path';
import { build } from './setup/build.mjs';
import { dataFolder } from './setup/data-folder.mjs';
import { programEnvironment } from './setup/environment.mjs';
import { readablePlace } from './setup/readable-place.mjs';
import { runScript } from './setup/report.mjs';
import { serviceAccount } from './setup/service-account.mjs';
import { setUp } from './setup/setup.mjs';
import { supervise } from './setup/supervise.mjs';

await runScript(async () => {
  await setUp();
  await build();
  const account = await serviceAccount();
  const dataDir = dataFolder(account);
  const place = readablePlace(account);
  const main = [place.node, '--enable-source-maps', join(place.checkout, 'dist/api/main.js'), ...process.argv.slice(2)];
  const env = programEnvironment({ account, place, dataDir });
  return supervise(place.command(main), { env, cwd: place.cwd });
});
