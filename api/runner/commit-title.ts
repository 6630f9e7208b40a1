const TITLE_MAX = 72;

/**
 * The first line of a commit, from what was asked for: its first line in words; where there is none, the command or the
 * file that the message spells out.
 */
export function commitTitle(prompt: string): string {
  const lines = prompt.split('\n').map((line) => line.trim());
  const isInBlock = blocksOf(lines);
  const title =
    first(lines, (line, at) => (isInBlock[at] || line.startsWith('!') ? null : line.replace(/^[#>*`~\s-]+/, ''))) ??
    first(lines, (line) => (line.startsWith('!') ? `Run ${line.slice(1).trim()}` : null)) ??
    first(lines, (line) => fileOf(line)) ??
    'Apply a change';
  return title.length <= TITLE_MAX ? title : `${title.slice(0, TITLE_MAX - 3).trimEnd()}...`;
}

/** Which lines are inside a fenced block or belong to a diff, fences included. */
function blocksOf(lines: string[]): boolean[] {
  let isOpen = false;
  return lines.map((line) => {
    const isFence = line.startsWith('```');
    if (isFence) isOpen = !isOpen;
    return isOpen || isFence || /^(diff --git|---|\+\+\+|@@|[-+])/.test(line);
  });
}

/** "```html about.html" writes about.html. */
function fileOf(line: string): string | null {
  const name = /^```(?:\S+\s+)?(\S+\.\S+)$/.exec(line)?.[1];
  return name ? `Write ${name}` : null;
}

function first(lines: string[], read: (line: string, at: number) => string | null): string | undefined {
  for (const [at, line] of lines.entries()) {
    const text = read(line, at)?.trim();
    if (text && /\p{L}|\p{N}/u.test(text)) return text;
  }
  return undefined;
}
