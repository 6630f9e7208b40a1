import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { programPath } from '../program-path.ts';
import { isAlive, makeSessionDirectories, type SessionDirectories, until } from '../test/session-directories.ts';
import { createBubblewrap } from './bubblewrap.ts';
import { createNoSandbox } from './no-sandbox.ts';
import { processTree } from './process-tree.ts';
import type { SandboxEngine, SandboxSpawn } from './sandbox.ts';
import { SandboxRefused } from './sandbox-error.ts';

jest.setTimeout(30_000);

const sandbox = createBubblewrap();
const without = createNoSandbox();

let session: SessionDirectories;
beforeEach(async () => {
  session = await makeSessionDirectories();
});
afterEach(() => session.remove());

async function run(engine: SandboxEngine, script: string, options: Partial<SandboxSpawn> = {}) {
  const started = await engine.spawn({
    ...{ workspacePath: session.workspacePath, homePath: session.homePath, readOnlyPaths: [], env: {} },
    ...{ command: '/bin/bash', args: ['-c', script] },
    ...options,
  });
  let output = '';
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (data) => (output += data));
  const { code } = await started.exited;
  await until(() => started.stdout.readableEnded && started.stderr.readableEnded);
  return { code, output };
}

describe('the bubblewrap sandbox', () => {
  it('works here', async () => {
    expect(await sandbox.check()).toEqual({ available: true });
  });

  it('runs a program in the workspace, with a home, system programs and the given environment only', async () => {
    const { output } = await run(sandbox, 'pwd; touch ~/kept made; node --version; env', { env: { GIVEN: 'yes' } });
    const [place, version, ...variables] = output.trim().split('\n');
    expect(place).toBe('/workspace');
    expect(version).toBe(process.version);
    const names = variables.map((line) => line.split('=')[0]).sort();
    expect(names).toEqual(['GIVEN', 'HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', 'TMPDIR', '_']);
    expect(existsSync(join(session.workspacePath, 'made'))).toBe(true);
    expect(existsSync(join(session.homePath, 'kept'))).toBe(true);
  });

  it('shows no file outside the workspace, neither directly nor by a link', async () => {
    const secret = join(session.root, 'secret');
    await writeFile(secret, 'do not tell');
    await symlink(secret, join(session.workspacePath, 'link'));
    expect((await run(without, `cat ${secret} link`)).output).toBe('do not telldo not tell');
    for (const path of [secret, 'link', '/proc/1/root/etc/hostname', '/proc/self/root/etc/shadow']) {
      const { code, output } = await run(sandbox, `cat ${path}`);
      expect(code).toBe(1);
      expect(output).toMatch(/No such file|Permission denied/);
    }
  });

  it('shows no other workspace', async () => {
    const other = await makeSessionDirectories();
    try {
      await writeFile(join(other.workspacePath, 'theirs'), 'theirs');
      const script = `ls ${other.workspacePath}; cat ${other.workspacePath}/theirs; touch ${other.workspacePath}/mine`;
      expect((await run(without, script)).output).toBe('theirs\ntheirs');
      await rm(join(other.workspacePath, 'mine'));
      expect((await run(sandbox, script)).output).not.toMatch(/^theirs/m);
      expect(existsSync(join(other.workspacePath, 'mine'))).toBe(false);
    } finally {
      await other.remove();
    }
  });

  it('lets nobody change .git', async () => {
    const head = join(session.workspacePath, '.git/HEAD');
    const before = await readFile(head, 'utf8');
    for (const script of ['echo x > .git/HEAD', 'rm -rf .git', 'mv .git moved', 'ln .git/HEAD x && echo x > x']) {
      expect((await run(sandbox, script)).code).not.toBe(0);
      expect(await readFile(head, 'utf8')).toBe(before);
    }
    await run(without, 'echo x > .git/HEAD');
    expect(await readFile(head, 'utf8')).toBe('x\n');
  });

  it.each([
    ['missing', async () => {}],
    ['a symbolic link', (git: string) => symlink(session.homePath, git)],
    ['not a folder', (git: string) => writeFile(git, 'gitdir: /')],
  ])('starts nothing when .git is %s', async (what, make) => {
    const git = join(session.workspacePath, '.git');
    await rm(git, { recursive: true });
    await make(git);
    await expect(run(sandbox, 'true')).rejects.toThrow(SandboxRefused);
    await expect(run(sandbox, 'true')).rejects.toThrow(what);
  });

  it('reaches no server of this machine', async () => {
    const server = createServer((socket) => socket.end('hello'));
    const port = await listen(server);
    try {
      const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
      expect((await run(without, script)).output).toBe('hello');
      expect((await run(sandbox, script)).output).toMatch(/Connection refused/);
    } finally {
      server.close();
    }
  });

  it('does not show the environment of the server', async () => {
    const env = { KOSUKE_TEST_DUMMY: 'dummy-value' };
    const control = spawn('/usr/bin/env', { env });
    expect(await text(control)).toContain('dummy-value');
    const output = await text(serverWith('env; cat /proc/*/environ /proc/*/cmdline | tr "\\0" "\\n"', { env }));
    expect(output).toContain('bwrap');
    expect(output).not.toContain('dummy-value');
  });

  it('keeps the given environment off the command line, which everybody on the machine can read', async () => {
    const started = await sandbox.spawn({
      ...{ workspacePath: session.workspacePath, homePath: session.homePath, readOnlyPaths: [] },
      ...{ command: '/bin/cat', args: [], env: { TOKEN: 'dummy-token' } },
    });
    const commandLines = await Promise.all(
      (await processTree(started.pid)).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    await started.kill();
    expect(commandLines.join()).toContain('bwrap');
    expect(commandLines.join()).not.toContain('dummy-token');
  });

  it('shows no process from outside', async () => {
    const pid = process.pid;
    expect((await run(without, `kill -0 ${pid} && echo seen`)).output).toBe('seen\n');
    expect((await run(sandbox, 'ls -d /proc/[0-9]* | wc -l')).output.trim()).toMatch(/^[1-5]$/);
  });

  it('makes no further namespaces', async () => {
    expect((await run(without, 'unshare --user true')).code).toBe(0);
    expect((await run(sandbox, 'unshare --user true')).code).not.toBe(0);
  });

  it('leaves nothing writable but the workspace, the home and memory', async () => {
    const script =
      'for d in / /etc /usr /dev /workspace /home/agent /tmp /dev/shm; do touch $d/x 2>/dev/null && echo $d; done';
    expect((await run(sandbox, script)).output.trim().split('\n')).toEqual([
      '/workspace',
      '/home/agent',
      '/tmp',
      '/dev/shm',
    ]);
  });

  it('shows the program folders it is told to, read-only', async () => {
    const tool = join(session.root, 'tool');
    await mkdir(tool);
    await writeFile(join(tool, 'file'), 'tool');
    const { output } = await run(sandbox, `cat ${tool}/file; touch ${tool}/new`, { readOnlyPaths: [tool] });
    expect(output).toMatch(/^tool.*Read-only file system/);
  });

  it('does not pass on what was open in whoever started the server', async () => {
    const folder = openSync(session.root, 'r');
    const stdio = ['ignore', 'pipe', 'inherit', ...Array(37).fill('ignore'), folder] as const;
    const child = serverWith('ls /proc/self/fd/40/ /proc/1/fd/40/', { stdio: [...stdio] });
    const control = spawn('/bin/ls', ['/proc/self/fd/40/'], { env: {}, stdio: [...stdio] });
    expect(await text(control)).toBe('home\nworkspace\n');
    expect(await text(child)).not.toContain('workspace');
  });

  it('ends the whole tree within a second, also those who went their own way', async () => {
    const script = `setsid bash -c 'while :; do echo beat >> beats; sleep 0.01; done' & disown; exec sleep 1000`;
    const started = await sandbox.spawn({
      ...{ workspacePath: session.workspacePath, homePath: session.homePath, readOnlyPaths: [], env: {} },
      ...{ command: '/bin/bash', args: ['-c', script] },
    });
    const beats = join(session.workspacePath, 'beats');
    await until(async () => (await readFile(beats, 'utf8').catch(() => '')).length > 20);
    const tree = await processTree(started.pid);
    expect(tree.length).toBeGreaterThanOrEqual(3);
    const startedAt = performance.now();
    await started.kill();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(tree.filter(isAlive)).toEqual([]);
    await started.kill();
  });

  it.each([sandbox, without])('counts what lives inside: $name', async (engine) => {
    const started = await engine.spawn({
      ...{ workspacePath: session.workspacePath, homePath: session.homePath, readOnlyPaths: [], env: {} },
      ...{ command: '/bin/bash', args: ['-c', 'sleep 1000 & (sleep 1000; true) & touch up; wait'] },
    });
    await until(() => existsSync(join(session.workspacePath, 'up')));
    // The shell, a program, and another shell with its program.
    await until(async () => (await started.processCount()) === 4);
    await started.kill();
    expect(await started.processCount()).toBe(0);
  });

  it('is over only when those left in the background are gone, too', async () => {
    const { code } = await run(sandbox, `setsid sleep 1000 > /dev/null 2>&1 & echo $! ; exit 7`);
    expect(code).toBe(7);
  });

  it('dies with the server', async () => {
    const server = serverWith('echo $$; exec sleep 1000', {});
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    const [, ...inside] = await processTree(server.pid as number);
    expect(inside.length).toBeGreaterThanOrEqual(3);
    server.kill('SIGKILL');
    await until(() => !inside.some(isAlive));
  });

  it('limits processes, for this sandbox alone', async () => {
    // Not bash, which waits and tries again.
    const script = 'for i in $(seq 40); do sleep 1000 & pids="$pids $!"; done; kill $pids && echo all';
    const shell = { command: '/bin/sh', args: ['-c', script] };
    expect((await run(sandbox, '', { ...shell, limits: { maxProcesses: 20 } })).output).toMatch(/Cannot fork/);
    expect((await run(sandbox, '', shell)).output).toBe('all\n');
    expect((await run(without, '', shell)).output).toBe('all\n');
  });

  it('limits the size of files', async () => {
    const script = 'head -c 200000 /dev/zero > big';
    expect((await run(sandbox, script, { limits: { maxFileBytes: 100_000 } })).code).not.toBe(0);
    expect((await run(sandbox, script)).code).toBe(0);
  });

  it('says what to install when bubblewrap is missing, and that it is too old when it is', async () => {
    const missing = await createBubblewrap(join(session.root, 'no-such-program')).check();
    expect(missing).toEqual({ available: false, message: expect.stringContaining('sudo apt install bubblewrap') });
    const old = join(session.root, 'bwrap');
    await writeFile(old, '#!/bin/sh\necho "bwrap: Unknown option --disable-userns" >&2\nexit 1\n');
    await chmod(old, 0o755);
    expect(await createBubblewrap(old).check()).toEqual({
      available: false,
      message: expect.stringContaining('version 0.8 or newer'),
    });
  });
});

/** A process of its own that starts `script` in the sandbox, as the server does. */
function serverWith(script: string, options: SpawnOptions) {
  const program = `
    const { createBubblewrap } = await import(${JSON.stringify(programPath(import.meta.url, './bubblewrap.js'))});
    const { stdout, exited } = await createBubblewrap().spawn({
      workspacePath: ${JSON.stringify(session.workspacePath)}, homePath: ${JSON.stringify(session.homePath)},
      readOnlyPaths: [], env: {}, command: '/bin/bash', args: ['-c', ${JSON.stringify(script)}] });
    stdout.pipe(process.stdout);
    await exited;`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

function text(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve) => {
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.once('close', () => resolve(output));
  });
}
