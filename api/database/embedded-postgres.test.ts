import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { programPath } from '../program-path.ts';
import { findProcess } from '../start/process-identity.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { readPostmasterFile } from './postmaster-file.ts';

jest.setTimeout(60_000);
const settings = { fsync: 'off' };
let home: string;
/** A data folder that was initialised once and is copied for each test: initdb takes a second. */
let template: string;
let dataDir: string;
const servers: EmbeddedPostgres[] = [];

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) {
  const server = await startEmbeddedPostgres({ dataDir, settings, ...options });
  servers.push(server);
  return server;
}

async function query<T>(connectionString: string, sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as T[];
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kosuke-pg-'));
  template = join(home, 'template');
  await (await startEmbeddedPostgres({ dataDir: template, settings })).stop();
});
beforeEach(async () => {
  dataDir = await mkdtemp(join(home, 'data-'));
  await cp(template, dataDir, { recursive: true });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('the embedded PostgreSQL', () => {
  it('makes the database in an empty folder, listens on no network and keeps rows over a restart', async () => {
    dataDir = join(home, 'new', 'data');
    const steps: string[] = [];
    const first = await start({ onStep: (step) => steps.push(step) });
    expect(steps).toEqual(['Creating the database', 'Starting the database server']);
    expect(first.adopted).toBe(false);
    await query(first.url(), 'create table words (word text)');
    await query(first.url(), 'insert into words values ($1)', ['kept']);
    expect(
      await query(first.url(), `select current_database() as name, current_setting('listen_addresses') as net`),
    ).toEqual([{ name: 'kosuke', net: '' }]);
    await first.stop();

    const second = await start();
    expect(await query(second.url(), 'select word from words')).toEqual([{ word: 'kept' }]);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres']);
  });

  it('makes the database again when it is missing', async () => {
    const first = await start();
    await query(first.url('postgres'), 'drop database kosuke');
    await first.stop();
    expect(await query((await start()).url(), 'select current_database() as name')).toEqual([{ name: 'kosuke' }]);
  });

  it('adopts the server that a killed program left behind, with its rows, and can stop it', async () => {
    const program = await startedByAnotherProgram();
    const pid = (await readPostmasterFile(join(dataDir, 'postgres')))?.pid;
    await kill(program);

    const server = await start();
    expect(server.adopted).toBe(true);
    expect((await readPostmasterFile(join(dataDir, 'postgres')))?.pid).toBe(pid);
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(await findProcess(pid as number)).toBeUndefined();
  });

  it('starts anew after the server itself was killed, and lost nothing', async () => {
    const first = await start();
    await query(first.url(), `create table words as select 'kept' as word`);
    const postmaster = await readPostmasterFile(join(dataDir, 'postgres'));
    process.kill(postmaster?.pid as number, 'SIGKILL');

    const second = await start();
    expect(await query(second.url(), 'select word from words')).toEqual([{ word: 'kept' }]);
  });

  it('is not stopped by a stale postmaster.pid whose number another program has now', async () => {
    const other = spawn('sleep', ['600'], { env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    try {
      const left = `${other.pid}\n${dataDir}/postgres\n1\n5432\n/nowhere\n\n`;
      await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), left);
      expect((await start()).adopted).toBe(false);
      expect(other.exitCode).toBeNull();
    } finally {
      await kill(other);
    }
  });

  it('begins again where the first start was killed half-way', async () => {
    await rename(join(dataDir, 'postgres'), join(dataDir, 'postgres.new'));
    await rm(join(dataDir, 'postgres.new', 'global'), { recursive: true });
    await start();
    expect((await readdir(dataDir)).sort()).toEqual(['postgres']);
  });

  it('takes a short folder for its socket where the data folder has a long path', async () => {
    const long = join(home, 'x'.repeat(120), 'data with spaces, and a comma');
    await mkdir(long, { recursive: true });
    await cp(template, long, { recursive: true });
    const server = await start({ dataDir: long });
    expect(Buffer.byteLength(server.socketDir)).toBeLessThan(90);
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    await rm(server.socketDir, { recursive: true });
  });

  it('keeps a folder with spaces, a comma and an umlaut', async () => {
    const odd = join(home, 'o d,d ü');
    await cp(template, odd, { recursive: true });
    const server = await start({ dataDir: odd });
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('what the embedded PostgreSQL cannot start on', () => {
  it('is a folder of another major version, which it leaves as it was', async () => {
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '16\n');
    await expect(start()).rejects.toMatchObject({
      code: 'other_major',
      message: expect.stringMatching(/made by PostgreSQL 16.*brings PostgreSQL 18.*pg_dump/s),
    });
    expect(await readFile(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8')).toBe('16\n');
  });

  it('is a folder it may not write', async () => {
    await chmod(dataDir, 0o500);
    try {
      const empty = join(dataDir, 'inside');
      await expect(start({ dataDir: empty })).rejects.toMatchObject({
        code: 'not_writable',
        message: expect.stringContaining(empty),
      });
      await expect(start()).rejects.toMatchObject({
        code: 'not_writable',
        message: expect.stringContaining('KOSUKE_DATA_DIR'),
      });
    } finally {
      await chmod(dataDir, 0o700);
    }
  });

  it('is a folder that holds something else', async () => {
    const other = await mkdtemp(join(home, 'other-'));
    await mkdir(join(other, 'postgres'));
    await expect(start({ dataDir: other })).rejects.toMatchObject({ code: 'incomplete_data' });
  });

  it('is a server that ends at once, and it passes on what that said', async () => {
    await expect(start({ settings: { shared_buffers: 'much' } })).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining('shared_buffers'),
    });
  });

  it('is a start that was called off, which leaves no server', async () => {
    const controller = new AbortController();
    const onStep = () => controller.abort(new Error('called off'));
    await expect(start({ signal: controller.signal, onStep })).rejects.toThrow('called off');
    expect(await readPostmasterFile(join(dataDir, 'postgres'))).toBeUndefined();
  });
});

/** A program of its own that has started the database of `dataDir` and then waits. */
async function startedByAnotherProgram(): Promise<ChildProcess> {
  const module = programPath(import.meta.url, './embedded-postgres.js');
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)};
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, settings: { fsync: 'off' } });
    console.log('started');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
