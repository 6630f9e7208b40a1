import { whyNoWorkspacePath } from './workspace-file-path.ts';

describe('a path of a file for workspaces', () => {
  it.each([
    '.env',
    'config/local.json',
    '.kosuke/setup.sh',
    'a b/ü.txt',
    '.gitignore',
    '.github/x',
    'git~x',
    'x/.gitkeep',
  ])('may be %j', (path) => {
    expect(whyNoWorkspacePath(path)).toBeNull();
  });

  it.each([
    ...['', '/etc/passwd', '../x', 'a/../../x', 'a//b', './a', 'a/', 'a\\b', 'a\0b', 'a\nb', 'x'.repeat(501)],
    ...[
      '.git/config',
      '.git',
      'a/.git/x',
      '.GIT/x',
      '.git./x',
      '.git /x',
      'git~1/x',
      'GIT~2',
      '.g\u200cit/x',
      '.git::$INDEX_ALLOCATION/x',
    ],
  ])('is never %j', (path) => {
    expect(whyNoWorkspacePath(path)).not.toBeNull();
  });
});
