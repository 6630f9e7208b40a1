const TITLE_MAX = 72;

/** The first line of a commit, from what was asked for: its first line with words in it, without Markdown's signs. */
export function commitTitle(prompt: string): string {
  const lines = prompt.split('\n').map((line) => line.replace(/^[\s!#>*`~-]+/, '').trim());
  const first = lines.find((line) => /\p{L}|\p{N}/u.test(line)) ?? 'Changes';
  return first.length <= TITLE_MAX ? first : `${first.slice(0, TITLE_MAX - 3).trimEnd()}...`;
}
