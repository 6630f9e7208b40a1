import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DiskCheck } from './disk-check.ts';
import { workspaceLayout } from './layout.ts';

const KNOWN = new Map([
  ['1', new Set(['aaaaaaaaaaaa', 'bbbbbbbbbbbb'])],
  ['2', new Set<string>()],
]);

let dataDir: string;
let check: DiskCheck;
const problems: unknown[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-disk-'));
  problems.length = 0;
  check = new DiskCheck(workspaceLayout(dataDir), (error) => problems.push(error));
  await mkdir(join(dataDir, 'projects'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
  expect(problems).toEqual([]);
});

async function write(path: string, content = path): Promise<void> {
  await mkdir(dirname(join(dataDir, path)), { recursive: true });
  await writeFile(join(dataDir, path), content);
}

/** What lies in the quarantine: what it is called, and where it came from. */
async function quarantined(): Promise<string[]> {
  const wrappers = existsSync(join(dataDir, 'quarantine')) ? await readdir(join(dataDir, 'quarantine')) : [];
  const origins = wrappers.map((name) => readFile(join(dataDir, 'quarantine', name, 'came-from.txt'), 'utf8'));
  return (await Promise.all(origins)).map((text) => text.trim().slice(dataDir.length + 1)).sort();
}

describe('what nobody knows', () => {
  it('is put aside with a note of where it was, and what is known stays', async () => {
    const kept = [
      'projects/1/main/HEAD',
      'projects/1/sessions/aaaaaaaaaaaa/a.txt',
      'projects/1/homes/bbbbbbbbbbbb/a.txt',
      'projects/1/kept/aaaaaaaaaaaa/.env',
      'projects/1/pool/anything/a.txt',
      'projects/1/.preparing-main-abc/HEAD',
      'projects/1/sessions/.preparing-x-abc/a.txt',
      'projects/2/main/HEAD',
    ];
    const unknown = [
      'projects/notes.txt',
      'projects/77/main/HEAD',
      'projects/1/sessions/cccccccccccc/work.txt',
      'projects/1/sessions/file.txt',
      'projects/1/homes/cccccccccccc/x',
      'projects/1/kept/cccccccccccc/x',
      'projects/2/sessions/aaaaaaaaaaaa/of-another-project.txt',
    ];
    for (const path of [...kept, ...unknown]) await write(path);
    const moved = await check.quarantineUnknown(KNOWN);
    for (const path of kept) expect(await readFile(join(dataDir, path), 'utf8')).toBe(path);
    for (const path of unknown) expect(existsSync(join(dataDir, path))).toBe(false);
    const places = [
      'projects/1/homes/cccccccccccc',
      'projects/1/kept/cccccccccccc',
      'projects/1/sessions/cccccccccccc',
      'projects/1/sessions/file.txt',
      'projects/2/sessions/aaaaaaaaaaaa',
      'projects/77',
      'projects/notes.txt',
    ];
    expect(await quarantined()).toEqual(places);
    expect(moved.map((path) => path.slice(dataDir.length + 1)).sort()).toEqual(places);
    const all = await readdir(join(dataDir, 'quarantine'), { recursive: true });
    const work = all.find((path) => path.endsWith('cccccccccccc/work.txt')) ?? '';
    expect(await readFile(join(dataDir, 'quarantine', work), 'utf8')).toBe('projects/1/sessions/cccccccccccc/work.txt');
    expect(await check.quarantineUnknown(KNOWN)).toEqual([]);
  });

  it('is never looked for behind a link', async () => {
    const outside = join(dataDir, 'outside');
    await write('outside/sessions/cccccccccccc/a.txt', 'of somebody');
    await write('outside/HEAD.lock', 'of somebody');
    await write('outside/refs/heads/x.lock', 'of somebody');
    await mkdir(join(dataDir, 'projects', '1', 'sessions'), { recursive: true });
    await symlink(outside, join(dataDir, 'projects', '2'));
    await symlink(outside, join(dataDir, 'projects', '1', 'homes'));
    await symlink(outside, join(dataDir, 'projects', '1', 'main'));
    await symlink(outside, join(dataDir, 'projects', '1', 'sessions', 'aaaaaaaaaaaa'));
    await mkdir(join(dataDir, 'projects', '1', 'sessions', 'bbbbbbbbbbbb'));
    await symlink(outside, join(dataDir, 'projects', '1', 'sessions', 'bbbbbbbbbbbb', '.git'));
    await check.quarantineUnknown(KNOWN);
    expect(await quarantined()).toEqual(['projects/1/sessions/aaaaaaaaaaaa', 'projects/2']);
    expect(await check.removeStaleLocks(KNOWN)).toBe(0);
    expect(await readFile(join(outside, 'sessions', 'cccccccccccc', 'a.txt'), 'utf8')).toBe('of somebody');
    expect(existsSync(join(outside, 'HEAD.lock'))).toBe(true);
    expect(existsSync(join(outside, 'refs', 'heads', 'x.lock'))).toBe(true);
  });
});

describe('locks of killed processes', () => {
  it('go from bases and workspaces, and nothing else does', async () => {
    const locks = [
      'HEAD.lock',
      'config.lock',
      'packed-refs.lock',
      'shallow.lock',
      'refs/heads/main.lock',
      'refs/heads/deep/x.lock',
    ];
    const places = ['projects/1/main', 'projects/1/sessions/aaaaaaaaaaaa/.git'];
    const files = ['HEAD', 'refs/heads/main', 'objects/ab/x.lock', 'logs/HEAD.lock'];
    for (const place of places) for (const name of [...locks, ...files]) await write(`${place}/${name}`);
    await write('projects/1/sessions/aaaaaaaaaaaa/.git/index.lock');
    await write('projects/1/sessions/aaaaaaaaaaaa/yarn.lock');
    await write('projects/1/sessions/aaaaaaaaaaaa/HEAD.lock');
    expect(await check.removeStaleLocks(KNOWN)).toBe(2 * locks.length + 1);
    for (const place of places) for (const name of locks) expect(existsSync(join(dataDir, place, name))).toBe(false);
    for (const place of places) for (const name of files) expect(existsSync(join(dataDir, place, name))).toBe(true);
    expect(existsSync(join(dataDir, 'projects/1/sessions/aaaaaaaaaaaa/yarn.lock'))).toBe(true);
    expect(existsSync(join(dataDir, 'projects/1/sessions/aaaaaaaaaaaa/HEAD.lock'))).toBe(true);
    expect(await check.removeStaleLocks(KNOWN)).toBe(0);
  });
});
