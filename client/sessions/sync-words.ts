/** Where a branch stands to the one it was cut from, as far as an icon tells it. */
export interface Sync {
  sync: 'CLEAN' | 'DIRTY' | 'AHEAD' | 'BEHIND' | 'DIVERGED' | 'CONFLICT' | 'DRIFTED';
  aheadOfBase: number;
  behindBase: number;
}

/** The mark for the eye, the words for everybody, and how much it matters. */
export function syncWords({ sync, aheadOfBase, behindBase }: Sync): { mark: string; words: string; look: string } {
  const ahead = `${aheadOfBase} ${aheadOfBase === 1 ? 'commit' : 'commits'} ahead`;
  const behind = `${behindBase} behind`;
  switch (sync) {
    case 'DRIFTED':
      return { mark: 'off branch', words: 'The workspace is not on its branch', look: 'text-del' };
    case 'CONFLICT':
      return { mark: 'conflict', words: 'Conflicts with the base branch', look: 'text-warn' };
    case 'DIRTY':
      return { mark: '•', words: 'Has changes that are not committed', look: 'text-warn' };
    case 'DIVERGED':
      return { mark: `↑${aheadOfBase} ↓${behindBase}`, words: `${ahead}, ${behind}`, look: 'text-warn' };
    case 'AHEAD':
      return { mark: `↑${aheadOfBase}`, words: ahead, look: 'text-add' };
    case 'BEHIND':
      return { mark: `↓${behindBase}`, words: `${behind} its base branch`, look: 'text-warn' };
    case 'CLEAN':
      return { mark: '✓', words: 'The same as its base branch', look: 'text-add' };
  }
}
