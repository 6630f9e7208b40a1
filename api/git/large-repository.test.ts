import { spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { git } from '../test/git-fixture.ts';
import type { Git } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const MB = 1024 * 1024;
const CHUNK = 4 * MB;

/** KOSUKE_TEST_LARGE=1 makes the sizes those that are promised; it takes minutes, and four times the bytes on the disk. */
const isLarge = process.env.KOSUKE_TEST_LARGE === '1';
const FILES = isLarge ? 100_000 : 10_000;
const BLOBS = isLarge ? { count: 4, bytes: 512 * MB } : { count: 1, bytes: 48 * MB };
const TIMEOUT_MS = isLarge ? 1_800_000 : 60_000;

let folder: string;
let measured: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-large-'));
  measured = [];
});
afterEach(async () => {
  if (isLarge) process.stdout.write(`${measured.join('\n')}\n`);
  await rm(folder, { recursive: true, force: true });
});

/** Bytes that do not get smaller and are the same each time. */
function* noise(bytes: number, seed: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK);
  for (let left = bytes; left > 0; left -= CHUNK) yield cipher.update(zeros.subarray(0, Math.min(left, CHUNK)));
}

/** A bare repository from what `git fast-import` reads. */
async function importRepository(text: Iterable<string | Buffer>): Promise<string> {
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', 'source');
  const child = spawn('git', ['-c', 'core.compression=0', 'fast-import', '--quiet'], {
    cwd: join(folder, 'source'),
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  await Promise.all([pipeline(Readable.from(text), child.stdin), once(child, 'exit')]);
  return join(folder, 'source');
}

const COMMIT = 'commit refs/heads/main\ncommitter Mika <mika@example.com> 1 +0000\ndata 5\nFirst\n';

function* manyFiles(): Generator<string> {
  for (let index = 0; index < FILES; index += 1) {
    const text = `file ${index}\n`;
    yield `blob\nmark :${index + 1}\ndata ${text.length}\n${text}\n`;
  }
  yield COMMIT;
  for (let index = 0; index < FILES; index += 1) {
    yield `M 100644 :${index + 1} d${index % 100}/e${Math.floor(index / 100) % 100}/f${index}\n`;
  }
  yield '\n';
}

function* largeFiles(): Generator<string | Buffer> {
  for (let index = 0; index < BLOBS.count; index += 1) {
    yield `blob\nmark :${index + 1}\ndata ${BLOBS.bytes}\n`;
    yield* noise(BLOBS.bytes, index);
    yield '\n';
  }
  yield COMMIT;
  for (let index = 0; index < BLOBS.count; index += 1) yield `M 100644 :${index + 1} large${index}\n`;
  yield '\n';
}

/** Does one thing in a git process of its own, and says what it took. */
async function measure<T>(what: string, act: (door: Git) => Promise<T>): Promise<{ result: T; peakMb: number }> {
  const door = new GitProcesses();
  try {
    const startedAt = performance.now();
    const result = await act(door);
    const ms = Math.round(performance.now() - startedAt);
    const peakMb = Math.max(...door.processIds.map(peakMemory));
    measured.push(`${what}: ${ms} ms, ${peakMb} MB at most`);
    return { result, peakMb };
  } finally {
    await door.close();
  }
}

/** The most memory the process has held, in MB; 0 where the system does not tell. */
function peakMemory(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  return Math.round(Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) / 1024);
}

const workspace = () => join(folder, 'one');
const base = () => join(folder, 'base');

async function openWorkspace(source: string): Promise<number> {
  await measure('clone', (door) => door.cloneBase({ source: { kind: 'path', path: source }, path: base() }));
  const input = { basePath: base(), path: workspace(), branch: 'kosuke-chat-one', baseBranch: 'main' };
  return (await measure('workspace', (door) => door.createWorkspace(input))).peakMb;
}

const readStatus = () => measure('status', (door) => door.status(workspace()));
const commit = () =>
  measure('commit', (door) =>
    door.commitAll({
      path: workspace(),
      basePath: base(),
      branch: 'kosuke-chat-one',
      title: 'Turn',
      author: { name: 'Mika', email: 'mika@example.com' },
      trailers: {},
    }),
  );

it(
  `a repository of ${FILES.toLocaleString('en')} files is cloned, opened and committed to (KOSUKE_TEST_LARGE=1: 100,000)`,
  async () => {
    await openWorkspace(await importRepository(manyFiles()));
    expect((await readStatus()).result.changedPaths).toEqual([]);
    const changed = Array.from({ length: 10 }, (_, index) => (index * FILES) / 10);
    for (const index of changed) {
      await appendFile(join(workspace(), `d${index % 100}/e${Math.floor(index / 100) % 100}/f${index}`), 'changed\n');
    }
    const status = await readStatus();
    expect(status.result.changedPaths).toHaveLength(10);
    const made = await commit();
    expect(made.result?.files).toHaveLength(10);
    expect(Math.max(status.peakMb, made.peakMb)).toBeLessThan(isLarge ? 600 : 250);
    expect(
      await git(base(), 'ls-tree', '-r', '--name-only', 'kosuke-chat-one').then((text) => text.split('\n').length),
    ).toBe(FILES);
    expect(await git(workspace(), 'status', '--porcelain')).toBe('');
  },
  TIMEOUT_MS,
);

it(
  `a repository of ${(BLOBS.count * BLOBS.bytes) / MB} MB is cloned, opened and committed to (KOSUKE_TEST_LARGE=1: 2 GB)`,
  async () => {
    const opening = await openWorkspace(await importRepository(largeFiles()));
    // libgit2 writes a file from memory: one of them at a time, and never all.
    expect(opening).toBeLessThan((2.5 * BLOBS.bytes) / MB + 150);
    expect((await stat(join(workspace(), 'large0'))).size).toBe(BLOBS.bytes);
    expect((await readStatus()).result.changedPaths).toEqual([]);

    await pipeline(Readable.from(noise(BLOBS.bytes, 99)), createWriteStream(join(workspace(), 'new')));
    await truncate(join(workspace(), 'large0'), BLOBS.bytes - 1);
    const made = await commit();
    expect(made.result?.files.map(({ path, kind, isBinary }) => [path, kind, isBinary])).toEqual([
      ['large0', 'modified', true],
      ['new', 'added', true],
    ]);
    const hash = git(workspace(), 'hash-object', '--no-filters', 'new');
    expect(await git(base(), 'rev-parse', 'kosuke-chat-one:new')).toBe(await hash);
    expect(await git(workspace(), 'status', '--porcelain')).toBe('');
    expect(made.peakMb).toBeLessThan((2.5 * BLOBS.bytes) / MB + 150);
  },
  TIMEOUT_MS,
);
