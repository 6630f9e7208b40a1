/** What a lossy conversion leaves in a name that was not UTF-8: such a file cannot be addressed through nodegit. */
export const REPLACEMENT_CHARACTER = '\uFFFD';

/** Characters that some file systems pass over, so that a name with them in it would be another's. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Whether a path out of a tree may be written to: a tree can be made by hand, and hold names that lead out of the
 * workspace or into its .git.
 */
export function isSafePath(path: string): boolean {
  if (path === '' || path.includes(REPLACEMENT_CHARACTER)) return false;
  return path.split('/').every((part) => {
    if (part === '' || part === '.' || part === '..') return false;
    const name = part.replace(IGNORED, '').toLowerCase();
    // Windows takes these for .git too, and also what follows a colon or ends in dots and spaces.
    return !/^(\.git|git~\d+)[. ]*(:.*)?$/.test(name);
  });
}
