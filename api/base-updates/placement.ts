import type { ComputedUpdate, MergeConflict } from '../git/updates.ts';

/** What is being done to the files of a workspace. `snapshot` holds them as they were, byte for byte. */
export type Placement =
  /** The result is put in place. `files` is a commit for restoreSnapshot where changes are carried over. */
  | { kind: 'result'; snapshot: string; files: string | null; computed: ComputedUpdate & { baseSha: string } }
  /** Files with markers lie there for the agent, once `isLaid`. */
  | {
      kind: 'marked';
      snapshot: string;
      marked: string;
      isLaid: boolean;
      runId: number;
      step: string;
      conflicts: MergeConflict[];
    };
