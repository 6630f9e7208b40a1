import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { GitError } from './git-error.ts';
import { GitProcesses } from './git-processes.ts';

const ROUNDS = 60;
const FILES = Array.from({ length: 40 }, (_, index) => `f${index}`);

const door = new GitProcesses();
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-escape-')));
});
afterAll(async () => {
  await door.close();
  await rm(folder, { recursive: true, force: true });
});

/** Puts a link to the secret in the place of a folder and back, as fast as it can. */
const SWAP = `const fs = require('node:fs');
console.log('swapping');
for (;;) {
  fs.renameSync('shown', 'kept'); fs.renameSync('link', 'shown');
  fs.renameSync('shown', 'link'); fs.renameSync('kept', 'shown');
}`;

it('a folder that turns into a link and back while it is committed never brings in what is behind the link', async () => {
  const [base, path, secret] = [join(folder, 'base'), join(folder, 'one'), join(folder, 'secret')];
  const author = { name: 'Mika', email: 'mika@example.com' };
  await door.initBase({
    path: base,
    defaultBranch: 'main',
    files: [{ path: 'a', content: 'a' }],
    author,
    message: 'x',
  });
  await door.createWorkspace({ basePath: base, path, branch: 'kosuke-chat-one', baseBranch: 'main' });
  await mkdir(secret);
  await mkdir(join(path, 'shown'));
  await symlink(secret, join(path, 'link'));
  for (const name of FILES) {
    await writeFile(join(secret, name), 'the secret\n');
    await writeFile(join(path, 'shown', name), 'mine\n');
  }
  const swapping = spawn(process.execPath, ['-e', SWAP], { cwd: path, env: {}, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(swapping, 'exit');
  try {
    await once(swapping.stdout, 'data');
    let commits = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await writeFile(join(path, 'a'), String(round));
      const input = { path, basePath: base, branch: 'kosuke-chat-one', title: 'x', author, trailers: {} };
      const made = await door.commitAll(input).catch((error: unknown) => {
        if (error instanceof GitError) return null;
        throw error;
      });
      if (made) commits += 1;
    }
    expect(commits).toBeGreaterThan(0);
  } finally {
    swapping.kill('SIGKILL');
    await ended;
  }
  const stored = await git(path, 'cat-file', '--batch-all-objects', '--batch');
  expect(stored).toContain('mine');
  expect(stored).not.toContain('the secret');
}, 60_000);
