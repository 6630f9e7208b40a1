import { spawnSync } from 'node:child_process';

const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Mika',
  GIT_AUTHOR_EMAIL: 'mika@example.com',
  GIT_COMMITTER_NAME: 'Mika',
  GIT_COMMITTER_EMAIL: 'mika@example.com',
};

/** The git command line as it comes, without anybody's settings: what everything is measured against. */
export function git(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd,
    env: ENVIRONMENT,
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  return stdout.trim();
}
