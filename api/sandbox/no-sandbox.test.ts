import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, makeSessionDirectories, type SessionDirectories, until } from '../test/session-directories.ts';
import { chooseSandbox } from './choose-sandbox.ts';
import { processTree } from './process-tree.ts';

let session: SessionDirectories;
beforeEach(async () => {
  session = await makeSessionDirectories();
});
afterEach(() => session.remove());

async function spawn(script: string) {
  const engine = await chooseSandbox({ unsafeNoSandbox: true });
  return engine.spawn({
    ...{ workspacePath: session.workspacePath, homePath: session.homePath, readOnlyPaths: [], env: {} },
    ...{ command: '/bin/bash', args: ['-c', script] },
  });
}

describe('running without a sandbox', () => {
  it('is called what it is', async () => {
    expect((await chooseSandbox({ unsafeNoSandbox: true })).name).toBe('none');
    expect((await chooseSandbox({ unsafeNoSandbox: false })).name).toBe('bubblewrap');
  });

  it('runs in the real directories', async () => {
    const started = await spawn('pwd > place; echo $HOME >> place');
    expect(started.workspacePath).toBe(session.workspacePath);
    expect(await started.exited).toEqual({ code: 0, signal: null });
    const place = await readFile(join(session.workspacePath, 'place'), 'utf8');
    expect(place).toBe(`${session.workspacePath}\n${session.homePath}\n`);
  });

  it('ends the whole tree, other process groups included', async () => {
    const started = await spawn(`setsid bash -c 'touch up; sleep 1000 & wait' & wait`);
    await until(() => existsSync(join(session.workspacePath, 'up')));
    const tree = await until(async () => {
      const all = await processTree(started.pid);
      return all.length >= 3 && all;
    });
    await started.kill();
    expect(tree.filter(isAlive)).toEqual([]);
  });
});
