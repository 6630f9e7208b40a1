import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './paths.mjs';

/** Kept inside what they vouch for: whoever removes that folder removes its stamps with it. */
const files = {
  install: join(root, 'node_modules/.kosuke-setup.json'),
  build: join(root, 'dist/.kosuke-build.json'),
};

/** Whether a step was done for just these ingredients. */
export function isDone(step, ingredients) {
  try {
    return JSON.parse(readFileSync(files[step], 'utf8')).hash === ingredients;
  } catch {
    return false;
  }
}

export function markDone(step, ingredients) {
  mkdirSync(dirname(files[step]), { recursive: true });
  const draft = `${files[step]}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ hash: ingredients }));
  renameSync(draft, files[step]);
}

/** One hash over some words and the names and contents of files; folders count with all that is in them. */
export function hashOf({ words = [], paths = [], except = [] }) {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const path of paths.flatMap((path) => filesIn(join(root, path), except))) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(path, except) {
  if (!existsSync(path) || except.includes(relative(root, path))) return [];
  let entries;
  try {
    entries = readdirSync(path).sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
  return entries.flatMap((name) => filesIn(join(path, name), except));
}
