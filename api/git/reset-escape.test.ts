import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { workspaceTree } from '../test/workspace-tree.ts';
import { GitError } from './git-error.ts';
import { GitProcesses } from './git-processes.ts';

const ROUNDS = 40;
const FILES = Array.from({ length: 40 }, (_, index) => `f${index}`);
const author = { name: 'Mika', email: 'mika@example.com' };

const door = new GitProcesses();
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-reset-')));
});
afterAll(async () => {
  await door.close();
  await rm(folder, { recursive: true, force: true });
});

/** Puts a link to a folder outside in the place of a folder and back, as fast as it can, whatever happens to the two. */
const SWAP = `const fs = require('node:fs');
const attempt = (act) => { try { act(); } catch {} };
console.log('swapping');
for (;;) {
  attempt(() => fs.renameSync('shown', 'kept'));
  attempt(() => fs.symlinkSync(process.argv[1], 'shown'));
  attempt(() => fs.unlinkSync('shown'));
  attempt(() => fs.renameSync('kept', 'shown'));
  attempt(() => fs.rmSync('kept', { recursive: true }));
}`;

it('a folder that turns into a link and back while files are put in place leads no write and no removal outside', async () => {
  const [base, path, outside] = [join(folder, 'base'), join(folder, 'one'), join(folder, 'outside')];
  const branch = 'kosuke-chat-one';
  const first = { path: base, defaultBranch: 'main', files: [{ path: 'a', content: 'a' }], author, message: 'x' };
  const { headSha: empty } = await door.initBase(first);
  await door.createWorkspace({ basePath: base, path, branch, baseBranch: 'main' });
  await mkdir(join(path, 'shown'));
  await writeFile(join(path, '.gitignore'), '/kept\n*.kosuke-kept*\n');
  for (const name of FILES) await writeFile(join(path, 'shown', name), 'mine\n');
  const commit = { path, basePath: base, branch, title: 'x', author, trailers: {} };
  const full = (await door.commitAll(commit))?.sha ?? null;
  await mkdir(outside);
  for (const name of FILES.filter((_, index) => index % 2 === 0)) await writeFile(join(outside, name), 'outside\n');
  const before = await workspaceTree(outside);

  const swapping = spawn(process.execPath, ['-e', SWAP, outside], {
    cwd: path,
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(swapping, 'exit');
  let done = 0;
  try {
    await once(swapping.stdout, 'data');
    for (let round = 0; round < ROUNDS; round += 1) {
      const [sha, saved] = round % 2 === 0 ? [empty, full] : [full, empty];
      await door.resetWorkspace({ path, basePath: base, branch, sha, saved }).then(
        () => {
          done += 1;
        },
        // A folder that is never where it was said to be: refused, or told as something else in the way.
        (error: unknown) => expect(error).toBeInstanceOf(GitError),
      );
    }
  } finally {
    swapping.kill('SIGKILL');
    await ended;
  }
  expect(done).toBeGreaterThan(0);
  expect(await workspaceTree(outside)).toEqual(before);
  expect(await git(base, 'fsck', '--strict')).not.toMatch(/error|missing|broken/);
}, 60_000);
