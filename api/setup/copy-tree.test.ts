import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyTree, TreeTooLarge } from './copy-tree.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kosuke-test-copy-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('copying a tree', () => {
  it('counts every file and byte, however many are copied at once', async () => {
    for (let folder = 0; folder < 5; folder += 1) {
      await mkdir(join(root, 'from', String(folder)), { recursive: true });
      for (let file = 0; file < 40; file += 1) {
        await writeFile(join(root, 'from', String(folder), String(file)), 'x'.repeat(file));
      }
    }
    const bytes = (5 * 40 * 39) / 2;
    expect(await copyTree(join(root, 'from'), join(root, 'to'))).toEqual({ files: 200, bytes });
    expect(await readdir(join(root, 'to'), { recursive: true })).toHaveLength(205);
    expect(await readFile(join(root, 'to/4/39'), 'utf8')).toBe('x'.repeat(39));
  });

  it('keeps links as links, and leaves out what is neither file, folder nor link', async () => {
    await mkdir(join(root, 'from'));
    await symlink('/etc/hostname', join(root, 'from/out'));
    await symlink('..', join(root, 'from/up'));
    await symlink('loop', join(root, 'from/loop'));
    await promisify(execFile)('mkfifo', [join(root, 'from/pipe')]);
    expect(await copyTree(join(root, 'from'), join(root, 'to'))).toEqual({ files: 0, bytes: 0 });
    expect((await readdir(join(root, 'to'))).sort()).toEqual(['loop', 'out', 'up']);
    expect((await lstat(join(root, 'to/out'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(root, 'to/up'))).toBe('..');
  });

  it('gives up a tree that is too large, and never writes over anything', async () => {
    await mkdir(join(root, 'from'));
    await writeFile(join(root, 'from/a'), 'x'.repeat(100));
    await expect(copyTree(join(root, 'from'), join(root, 'to'), 99)).rejects.toThrow(TreeTooLarge);
    await expect(copyTree(join(root, 'from'), join(root, 'to'), 100)).rejects.toThrow('EEXIST');
  });
});
