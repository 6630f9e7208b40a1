import { appendFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { type HostileWorkspace, hostileWorkspace } from '../test/hostile-workspace.ts';
import { GitProcesses } from './git-processes.ts';

/** What Git LFS keeps in the repository in the place of a file. */
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
const FILES = {
  '.gitattributes':
    '*.psd filter=lfs diff=lfs merge=lfs -text\n*.utf16 working-tree-encoding=UTF-16LE text\n[attr]kept filter=custom\n',
  'art/.gitattributes': '*.raw kept\n',
  'a.psd': POINTER,
  'art/b.raw': 'raw\n',
  // UTF-16 in the work tree of the source, UTF-8 in its repository.
  'c.utf16': 't\0e\0x\0t\0\n\0',
  'plain.txt': 'plain\n',
};

const door = new GitProcesses();
let untouched: HostileWorkspace;
let at: HostileWorkspace;

beforeAll(async () => {
  untouched = await hostileWorkspace(door, FILES);
});
beforeEach(async () => {
  at = await untouched.copy();
});
afterEach(() => at.remove());
afterAll(async () => {
  await untouched.remove();
  await door.close();
});

const head = () => git(at.workspace, 'rev-parse', 'HEAD');
const stored = (path: string) => git(at.base, 'show', `kosuke-chat-one:${path}`);

it('files that a program would convert are checked out as they are stored, and stay so while nobody changes them', async () => {
  expect(await git(at.workspace, 'hash-object', '--no-filters', 'a.psd')).toBe(
    await git(at.source, 'hash-object', '--no-filters', 'a.psd'),
  );
  expect((await door.status(at.workspace)).changedPaths).toEqual([]);
  await at.put('plain.txt', 'changed\n');
  expect((await at.commit())?.files.map(({ path }) => path)).toEqual(['plain.txt']);
  expect(`${await stored('a.psd')}\n`).toBe(POINTER);
});

describe('a commit is refused, names the file, and stores nothing', () => {
  const changes: Record<string, { change: () => Promise<unknown>; named: string }> = {
    'when a pointer of Git LFS was replaced by what it stands for': {
      change: () => at.put('a.psd', 'the picture\n'),
      named: 'a.psd (filter=lfs)',
    },
    'when there is a new file of that kind': {
      change: () => at.put('new/x.psd', 'a picture\n'),
      named: 'new/x.psd (filter=lfs)',
    },
    'when a file was given such a name': {
      change: () => rename(join(at.workspace, 'plain.txt'), join(at.workspace, 'plain.psd')),
      named: 'plain.psd (filter=lfs)',
    },
    'by a macro in a folder of its own': {
      change: () => at.put('art/b.raw', 'other\n'),
      named: 'art/b.raw (filter=custom)',
    },
    'by an encoding': {
      change: () => at.put('c.utf16', 'other\n'),
      named: 'c.utf16 (working-tree-encoding=UTF-16LE)',
    },
    'by attributes that the same turn has written': {
      change: async () => {
        await at.put('.gitattributes', '*.txt filter=mine\n');
        await at.put('plain.txt', 'changed\n');
      },
      named: 'plain.txt (filter=mine)',
    },
    'by attributes whose file was taken away': {
      change: async () => {
        await rm(join(at.workspace, '.gitattributes'));
        await at.put('a.psd', 'the picture\n');
      },
      named: 'a.psd (filter=lfs)',
    },
    'by attributes in the git folder': {
      change: async () => {
        await appendFile(join(at.workspace, '.git', 'info', 'attributes'), '*.txt filter=hidden\n');
        await at.put('plain.txt', 'changed\n');
      },
      named: 'plain.txt (filter=hidden)',
    },
  };

  it.each(Object.keys(changes))('%s', async (name) => {
    const { change, named } = changes[name] as (typeof changes)[string];
    const before = await head();
    await change();
    await expect(at.commit()).rejects.toMatchObject({
      code: 'filter-unsupported',
      message: expect.stringContaining(named),
    });
    expect(await head()).toBe(before);
    await expect(stored('plain.txt')).rejects.toThrow();
  });
});

it('whoever takes the attribute away first may store the file as it is', async () => {
  await at.put('.gitattributes', '');
  await at.put('a.psd', 'the picture\n');
  await at.commit();
  expect(await stored('a.psd')).toBe('the picture');
  expect(await git(at.workspace, 'status', '--porcelain')).toBe('');
});

it('line ends are kept from the very commit on that takes the attribute for them away', async () => {
  await at.put('.gitattributes', '*.txt text\n');
  await at.put('dos.txt', 'a\r\n');
  await at.commit();
  expect(await stored('dos.txt')).toBe('a');
  await at.put('.gitattributes', '# nothing\n');
  await at.put('dos.txt', 'b\r\n');
  await at.commit();
  expect(await git(at.workspace, 'rev-parse', 'HEAD:dos.txt')).toBe(
    await git(at.workspace, 'hash-object', '--no-filters', 'dos.txt'),
  );
});

it('a filter that settings define is not run, where git would run it', async () => {
  await git(at.workspace, 'config', 'filter.lfs.smudge', at.trap);
  await git(at.workspace, 'config', 'filter.lfs.clean', at.trap);
  await git(at.workspace, 'config', 'filter.lfs.process', at.trap);
  await at.put('a.psd', 'the picture\n');
  await at.tryAll();
  expect(await at.wasSprung()).toBe(false);
  await git(at.workspace, 'add', 'a.psd').catch(() => undefined);
  expect(await at.wasSprung()).toBe(true);
});

it('which filters, encodings and submodules a branch has is told before anybody works in it', async () => {
  expect(await door.repositoryTraits({ path: at.base, branch: 'main' })).toEqual({
    filters: ['custom', 'lfs'],
    encodings: ['UTF-16LE'],
    submodules: [],
    submoduleCount: 0,
    isShallow: false,
  });
});
