export const PATH_MAX = 500;

/**
 * Why a path cannot be one of a file that Kosuke puts into workspaces; null when it can. Names that some file systems take
 * for .git (.GIT, git~1, ".git ", with characters that are not seen) are refused as git itself does.
 */
export function whyNoWorkspacePath(path: string): string | null {
  if (path === '' || path.length > PATH_MAX) return `A path has 1 to ${PATH_MAX} characters.`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f\\]/.test(path) || !path.isWellFormed()) {
    return 'A path has no control characters and no backslashes.';
  }
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    return 'A path is relative to the workspace, without "..", and does not begin or end with a slash.';
  }
  return names.some(isGitFolder) ? 'Nothing is put into .git.' : null;
}

function isGitFolder(name: string): boolean {
  const plain = name
    .normalize('NFKC')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]/g, '')
    .toLowerCase()
    .replace(/(::?\$.*|[. ]+)$/, '')
    .split(':')[0];
  return plain === '.git' || /^git~\d+$/.test(plain ?? '');
}
