import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../program-path.ts';
import { AlreadyRunningError, acquireInstanceLock } from './instance-lock.ts';
import { findProcess } from './process-identity.ts';

const info = { url: 'http://127.0.0.1:4000' };
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-lock-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** A process of its own that takes the lock and says `held` or `refused`; a held lock lasts until the process ends. */
function contender() {
  const lockModule = programPath(import.meta.url, './instance-lock.js');
  const program = `
    import { acquireInstanceLock } from ${JSON.stringify(lockModule)};
    try {
      await acquireInstanceLock(${JSON.stringify(dataDir)}, { url: 'http://127.0.0.1:' + process.pid });
      console.log('held');
      process.stdin.resume();
    } catch (error) {
      console.log(error.code === 'already_running' ? 'refused' : String(error.stack));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answer = once(child.stdout, 'data').then(([piece]) => String(piece).trim());
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { child, answer, kill };
}

describe('one instance on a data folder', () => {
  it('refuses a second one and names the first', async () => {
    const first = contender();
    try {
      expect(await first.answer).toBe('held');
      const { pid } = first.child;
      await expect(acquireInstanceLock(dataDir, info)).rejects.toThrow(
        `Kosuke is already running on this data folder (pid ${pid}, http://127.0.0.1:${pid})`,
      );
    } finally {
      await first.kill();
    }
  });

  it('is free again after it was released, and leaves no file', async () => {
    const lock = await acquireInstanceLock(dataDir, info);
    await expect(acquireInstanceLock(dataDir, info)).rejects.toBeInstanceOf(AlreadyRunningError);
    await lock.release();
    expect(await readdir(dataDir)).toEqual([]);
    await (await acquireInstanceLock(dataDir, info)).release();
  });

  it('tells the address that was updated', async () => {
    const lock = await acquireInstanceLock(dataDir, info);
    await lock.update({ url: 'http://127.0.0.1:5123' });
    await expect(acquireInstanceLock(dataDir, info)).rejects.toThrow('http://127.0.0.1:5123');
  });

  it('takes over from one that was killed with kill -9', async () => {
    const first = contender();
    expect(await first.answer).toBe('held');
    await first.kill();
    await (await acquireInstanceLock(dataDir, info)).release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('takes over when the pid belongs to another process now', async () => {
    const stale = { pid: process.pid, startedAt: 'another boot/1', id: '0123456789abcdef', url: 'http://old' };
    await writeFile(join(dataDir, 'kosuke.lock'), JSON.stringify(stale));
    const lock = await acquireInstanceLock(dataDir, info);
    expect(JSON.parse(await readFile(join(dataDir, 'kosuke.lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
      ...info,
    });
    await lock.release();
  });

  it('takes over a lock that a power failure left empty', async () => {
    await writeFile(join(dataDir, 'kosuke.lock'), '');
    await (await acquireInstanceLock(dataDir, info)).release();
  });

  it('takes over when the one who was taking over was killed too', async () => {
    const dead = (id: string) => JSON.stringify({ pid: process.pid, startedAt: 'gone', id, url: 'http://old' });
    await writeFile(join(dataDir, 'kosuke.lock'), dead('0123456789abcdef'));
    await writeFile(join(dataDir, 'kosuke.lock.0123456789abcdef'), dead('fedcba9876543210'));
    await (await acquireInstanceLock(dataDir, info)).release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('gives a stale lock to exactly one of several that want it at once', async () => {
    const stale = { pid: process.pid, startedAt: 'gone', id: '0123456789abcdef', url: 'http://old' };
    await writeFile(join(dataDir, 'kosuke.lock'), JSON.stringify(stale));
    const contenders = Array.from({ length: 6 }, contender);
    try {
      const answers = await Promise.all(contenders.map(({ answer }) => answer));
      expect(answers.sort()).toEqual(['held', ...Array<string>(5).fill('refused')]);
    } finally {
      await Promise.all(contenders.map(({ kill }) => kill()));
    }
  });

  it('never gives a stale lock to two within one process', async () => {
    for (let round = 0; round < 50; round += 1) {
      const stale = { pid: process.pid, startedAt: 'gone', id: '0123456789abcdef', url: 'http://old' };
      await writeFile(join(dataDir, 'kosuke.lock'), JSON.stringify(stale));
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireInstanceLock(dataDir, info)));
      const held = results.filter((result) => result.status === 'fulfilled');
      expect(held).toHaveLength(1);
      await held[0]?.value.release();
    }
  });
});

describe('finding a process', () => {
  it('knows itself and a child, and forgets the child once it has ended', async () => {
    const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH }, stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid as number;
    expect((await findProcess(process.pid))?.startedAt).toBe((await findProcess(process.pid))?.startedAt);
    expect(await findProcess(pid)).toMatchObject({ pid });
    child.kill();
    await once(child, 'exit');
    expect(await findProcess(pid)).toBeUndefined();
  });
});
