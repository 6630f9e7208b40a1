import type { MergeConflict, MergeDecision, MergeSide } from '../git/updates.ts';
import type { BaseUpdate } from './base-update.entity.ts';

const FILE = 0o100644;
const EXECUTABLE = 0o100755;

/** What was decided about a conflict, while it is about the same three sides. */
export function decisionAbout(
  { decisions }: Pick<BaseUpdate, 'decisions'>,
  conflict: MergeConflict,
): MergeDecision | undefined {
  return decisions.files.find((decision) => isAbout(decision, conflict));
}

export function unresolved(update: Pick<BaseUpdate, 'decisions' | 'conflicts'>): MergeConflict[] {
  return update.conflicts.filter((conflict) => !decisionAbout(update, conflict));
}

export function isAbout(
  decision: Omit<MergeDecision, 'result'>,
  { path, ancestor, ours, theirs }: MergeConflict,
): boolean {
  return (
    decision.path === path &&
    isSame(decision.ancestor, ancestor) &&
    isSame(decision.ours, ours) &&
    isSame(decision.theirs, theirs)
  );
}

export function isSame(one: MergeSide | null, other: MergeSide | null): boolean {
  return one?.sha === other?.sha && one?.mode === other?.mode;
}

export function decide(
  { path, ancestor, ours, theirs }: MergeConflict,
  result: MergeDecision['result'],
): MergeDecision {
  return { path, ancestor, ours, theirs, result };
}

/** A text keeps the executable bit where one side has it that the ancestor lacks, or neither side took it away. */
export function modeOfText({ ancestor, ours, theirs }: MergeConflict): number {
  const modes = [ours, theirs].flatMap((side) => (side && isRegular(side.mode) ? [side.mode] : []));
  return modes.find((mode) => mode !== ancestor?.mode) ?? modes[0] ?? FILE;
}

function isRegular(mode: number): boolean {
  return mode === FILE || mode === EXECUTABLE;
}
