import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The git command line without anybody's configuration. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Mika',
    GIT_AUTHOR_EMAIL: 'mika@example.com',
    GIT_COMMITTER_NAME: 'Mika',
    GIT_COMMITTER_EMAIL: 'mika@example.com',
  };
  return (await run('git', args, { cwd, env })).stdout.trim();
}

export interface Fixture {
  path: string;
  remove(): Promise<void>;
}

/** A repository with one commit that holds the given files. */
export async function makeRepository(
  files: Record<string, string> = { 'README.md': '# Shop\n' },
  branch = 'main',
): Promise<Fixture> {
  const path = await mkdtemp(join(tmpdir(), 'kosuke-test-repository-'));
  await git(path, 'init', '--quiet', `--initial-branch=${branch}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  await git(path, 'add', '--all');
  await git(path, 'commit', '--quiet', '--allow-empty', '--message=First');
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A bare repository with one commit of so many small files, in folders, which were never on the disk. */
export async function makeLargeRepository(files: number): Promise<Fixture> {
  const path = await mkdtemp(join(tmpdir(), 'kosuke-test-repository-'));
  await git(path, 'init', '--quiet', '--bare', '--initial-branch=main');
  const importer = spawn('git', ['fast-import', '--quiet'], { cwd: path, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(importer, 'exit');
  const person = 'Mika <mika@example.com> 1700000000 +0000';
  importer.stdin.write(`commit refs/heads/main\nauthor ${person}\ncommitter ${person}\ndata 5\nFirst\n`);
  for (let file = 0; file < files; file += 1) {
    const content = `file ${file}\n`.repeat(20);
    importer.stdin.write(
      `M 100644 inline src/part-${file % 97}/file-${file}.txt\ndata ${content.length}\n${content}\n`,
    );
  }
  importer.stdin.end();
  await ended;
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
