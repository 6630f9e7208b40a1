import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { git } from '../test/git-fixture.ts';
import { PackFile } from './pack-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-pack-'));
  await git(folder, 'init', '--quiet', '--bare');
  await mkdir(join(folder, 'objects', 'pack'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const packs = () => join(folder, 'objects', 'pack');

it('is a pack to git, whatever the sizes of what is in it', async () => {
  const pack = new PackFile();
  // Sizes around those where the header of an object grows by a byte, and one that needs several.
  const contents = [0, 1, 15, 16, 17, 2047, 2048, 2049, 3_000_000].map((size) => Buffer.alloc(size, `${size} `));
  const shas = contents.map((content) => pack.add('blob', content));
  expect(pack.add('blob', Buffer.from('1'))).toBe(shas[1]);
  const entry = Buffer.concat([Buffer.from('100644 file\0'), Buffer.from(shas[2] ?? '', 'hex')]);
  const tree = pack.add('tree', entry);
  pack.write(packs());

  expect((await readdir(packs())).map((name) => name.split('.')[1]).sort()).toEqual(['idx', 'pack']);
  expect(await git(folder, 'fsck', '--strict', '--full')).not.toMatch(/error|missing|corrupt/);
  for (const [index, sha] of shas.entries()) {
    const { stdout } = await promisify(execFile)('git', ['cat-file', 'blob', sha], {
      ...{ cwd: folder, encoding: 'buffer' as const, maxBuffer: 4_000_000 },
    });
    expect(stdout.equals(contents[index] ?? Buffer.alloc(0))).toBe(true);
  }
  expect(await git(folder, 'ls-tree', tree)).toBe(`100644 blob ${shas[2]}\tfile`);
});

it('is no file when nothing was added', async () => {
  new PackFile().write(packs());
  expect(await readdir(packs())).toEqual([]);
});
