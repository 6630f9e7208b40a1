import { isSafePath } from './safe-path.ts';

it.each(['a', 'a b/c\nd', '.gitignore', '.github/x', 'dir/.gitmodules', 'git~', 'ünï', '...', 'a..b'])(
  'writes to %j',
  (path) => expect(isSafePath(path)).toBe(true),
);

it.each([
  '',
  '/etc/passwd',
  '..',
  'a/../../b',
  './a',
  'a//b',
  '.git/config',
  'a/.GIT/hooks/x',
  'git~1/x',
  '.g\u200cit/x',
  '.git. /x',
  '.git:stream',
  'a\uFFFD',
])('never writes to %j', (path) => expect(isSafePath(path)).toBe(false));
