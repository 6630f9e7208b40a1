import { diffWordsWithSpace } from 'diff';

/** A stretch of a line; `isChanged` where the two sides differ. */
export interface Stretch {
  text: string;
  isChanged: boolean;
}

/** Longer lines are shown without marks: comparing them word by word would hold up the page. */
const LINE_MAX = 400;
/** When less than this share of a line stayed, marks would only be noise. */
const SHARED_MIN = 0.35;

/**
 * Where a removed and an added line differ, word by word, as [removed, added]; null when they have too little in common.
 */
export function wordChanges(removed: string, added: string): [Stretch[], Stretch[]] | null {
  if (removed.length > LINE_MAX || added.length > LINE_MAX) return null;
  const before: Stretch[] = [];
  const after: Stretch[] = [];
  let shared = 0;
  for (const { value, added: isNew, removed: isGone } of diffWordsWithSpace(removed, added)) {
    if (!isNew) before.push({ text: value, isChanged: isGone });
    if (!isGone) after.push({ text: value, isChanged: isNew });
    if (!isNew && !isGone) shared += value.trim().length;
  }
  const longer = Math.max(removed.trim().length, added.trim().length);
  return longer > 0 && shared / longer >= SHARED_MIN ? [before, after] : null;
}
