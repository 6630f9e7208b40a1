import { execFile } from 'node:child_process';
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
