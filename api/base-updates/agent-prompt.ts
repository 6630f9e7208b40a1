import type { MergeConflict } from '../git/updates.ts';

/** More than an agent reads with care. */
const NAMED_FILES = 100;

interface Request {
  branch: string;
  baseBranch: string;
  conflicts: MergeConflict[];
  instructions: string;
}

/** What the agent is asked when people leave the conflicts of an update to it. */
export function agentPrompt({ branch, baseBranch, conflicts, instructions }: Request): string {
  const named = conflicts
    .slice(0, NAMED_FILES)
    .map((conflict) => `- ${quoted(conflict.path)}: ${whatHappened(conflict)}`);
  const more = conflicts.length - named.length;
  if (more > 0) named.push(`- and ${more} more, which hold the same markers`);
  const parts = [
    `Resolve the conflicts of the update from ${baseBranch}`,
    `Both this chat and ${baseBranch} changed the files below. They lie in the workspace now, merged as far as that goes. Where a file holds markers, what stands between \`<<<<<<< ${branch}\` and \`=======\` is from this chat, and what follows up to \`>>>>>>> ${baseBranch}\` is from ${baseBranch}.`,
    named.join('\n'),
    'Edit each file so that it does what both sides meant, and take all markers out. Change or delete a file without markers to decide about it. Do not commit: that is done when you are finished, and files you leave as they are stay open.',
  ];
  if (instructions) parts.push(instructions);
  return parts.join('\n\n');
}

function whatHappened({ kind, isBinary }: MergeConflict): string {
  switch (kind) {
    case 'content':
      return isBinary ? 'both changed it, and it is no text; it is as this chat has it' : 'both changed it';
    case 'added-by-both':
      return isBinary ? 'both added it, and it is no text; it is as this chat has it' : 'both added it';
    case 'deleted-by-ours':
      return 'this chat deleted it, the base changed it; it is as the base has it';
    case 'deleted-by-theirs':
      return 'the base deleted it, this chat changed it; it is as this chat has it';
    case 'renamed':
      return 'both renamed a file to different names, and this is one of the names';
    case 'type':
      return 'one side made it a symbolic link; it is as this chat has it';
    case 'folder':
      return 'one side has a file here and the other a folder; it is the folder now';
    case 'submodule':
      return 'both moved a submodule; a person has to choose one';
  }
}

/** Names can hold anything, line ends too. */
function quoted(path: string): string {
  return JSON.stringify(path);
}
