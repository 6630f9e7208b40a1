import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { step } from './report.mjs';
import { runNpm } from './run-npm.mjs';
import { hashOf, isDone, markDone } from './stamps.mjs';

/** Builds the api and the client into dist/, unless that is done for these very sources. */
export async function build() {
  const before = ingredients();
  if (isDone('build', before) && existsSync(join(root, 'dist/api/main.js'))) return;
  await step('Building', async (progress) => {
    // Begun from nothing, so neither a half build nor a source that is gone leaves anything behind.
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    await runNpm(['run', 'build'], {
      onLine: (line) => {
        const name = line.match(/^> \S+@\S+ (\S+)$/)?.[1];
        if (name) progress(name);
      },
    });
  });
  markDone('build', before);
}

function ingredients() {
  return hashOf({
    words: [process.version],
    paths: ['api', 'client', 'codegen.ts', 'package.json', 'package-lock.json'],
    except: ['client/gql'],
  });
}
