// `npm run bench`: makes the checkout ready, builds it, and measures. `-- --quick` for small sizes, `-- --only=workspaces,soak,burst`.
import { join } from 'node:path';
import { build } from './setup/build.mjs';
import { bareEnvironment } from './setup/environment.mjs';
import { privateFolder } from './setup/private-folder.mjs';
import { readablePlace } from './setup/readable-place.mjs';
import { runScript } from './setup/report.mjs';
import { serviceAccount } from './setup/service-account.mjs';
import { setUp } from './setup/setup.mjs';
import { supervise } from './setup/supervise.mjs';
import { removeWithProcesses } from './setup/test-remains.mjs';

await runScript(async () => {
  await setUp();
  await build();
  const account = await serviceAccount();
  const place = readablePlace(account);
  const folder = privateFolder(account, 'kosuke-bench-', ['home', 'tmp']);
  try {
    const env = { ...bareEnvironment({ place, home: join(folder, 'home') }), TMPDIR: join(folder, 'tmp') };
    const program = [place.node, join(place.checkout, 'bench/main.mjs'), ...process.argv.slice(2)];
    return await supervise(place.command(program), { env, cwd: place.cwd });
  } finally {
    await removeWithProcesses(folder);
  }
});
