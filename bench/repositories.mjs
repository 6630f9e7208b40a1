import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { git } from './git.mjs';

const WORDS =
  'const return function import export class interface async await value session branch commit tree index path name type'.split(
    ' ',
  );
const PERSON = 'Mika <mika@example.com> 1700000000 +0000';

/** The same numbers at every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Text of 400 to 10,000 bytes, most of it short, as sources are. */
function sourceText(random) {
  const bytes = Math.exp(6 + random() * 3.2);
  let text = '';
  while (text.length < bytes) {
    text += `${WORDS[Math.floor(random() * WORDS.length)]} ${Math.floor(random() * 1000)}${random() < 0.2 ? '\n' : ' '}`;
  }
  return text;
}

export function fileName(number) {
  const folder = `packages/p${number % 40}/src/m${Math.floor(number / 40) % 60}/${number % 3 === 0 ? 'test' : 'lib'}`;
  return `${folder}/file-${number}.ts`;
}

/** A bare repository with one commit of so many files, in one pack. The same bytes at every run. */
export async function makeRepository(path, files) {
  mkdirSync(path, { recursive: true });
  git(path, 'init', '--quiet', '--bare', '--initial-branch=main');
  const random = numbers(files);
  await importCommit(path, function* contents() {
    for (let number = 0; number < files; number += 1) yield [fileName(number), sourceText(random)];
  });
  git(path, 'gc', '--quiet');
}

/** One more commit on main, with these files written anew. */
export async function addCommit(path, names, text) {
  await importCommit(path, () => names.map((name) => [name, text]));
}

async function importCommit(path, contents) {
  const importer = spawn('git', ['fast-import', '--quiet', '--force'], {
    cwd: path,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(importer, 'exit');
  const write = async (text) => {
    if (!importer.stdin.write(text)) await once(importer.stdin, 'drain');
  };
  await write(`commit refs/heads/main\nauthor ${PERSON}\ncommitter ${PERSON}\ndata 5\nFiles\n`);
  if (hasMain(path)) await write('from refs/heads/main^0\n');
  for (const [name, text] of contents()) {
    await write(`M 100644 inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  }
  importer.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}.`);
}

function hasMain(path) {
  return git(path, 'for-each-ref', 'refs/heads/main') !== '';
}
