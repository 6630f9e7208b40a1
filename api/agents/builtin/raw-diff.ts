/** A line between the parts of a diff: git's headers, and the two names. */
const HEADER =
  /^(diff --git |index [0-9a-f]|(old|new) mode |(new|deleted) file mode |(dis)?similarity index |(rename|copy) (from|to) |Binary files |GIT binary patch|--- |\+\+\+ )/;
const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * The unified diff that starts at this line, if one does, and the line after it. Hunks are read by the counts in their heads,
 * so what follows a diff in a message is not taken for a part of it.
 */
export function readRawDiff(lines: string[], start: number): { text: string; next: number } | null {
  const line = lines[start] as string;
  const isStart = line.startsWith('diff --git ') || (line.startsWith('--- ') && lines[start + 1]?.startsWith('+++ '));
  if (!isStart) return null;
  const text: string[] = [];
  let at = start;
  while (at < lines.length) {
    const current = lines[at] as string;
    const counts = HUNK.exec(current);
    if (counts) {
      const hunk = readHunk(lines, at, Number(counts[1] ?? 1), Number(counts[2] ?? 1));
      text.push(...hunk.lines);
      at = hunk.next;
    } else if (HEADER.test(current)) {
      text.push(current);
      at += 1;
    } else if (current === '' && HEADER.test(lines[at + 1] ?? '')) {
      at += 1;
    } else {
      break;
    }
  }
  return { text: `${text.join('\n')}\n`, next: at };
}

function readHunk(lines: string[], start: number, oldLines: number, newLines: number) {
  const taken = [lines[start] as string];
  let at = start + 1;
  for (let [old, young] = [oldLines, newLines]; at < lines.length && (old > 0 || young > 0); at += 1) {
    // An empty line of context loses its blank on the way through many editors.
    const line = lines[at] || ' ';
    if (!/^[ +\-\\]/.test(line)) break;
    if (line[0] === ' ' || line[0] === '-') old -= 1;
    if (line[0] === ' ' || line[0] === '+') young -= 1;
    taken.push(line);
  }
  while (lines[at]?.startsWith('\\')) taken.push(lines[at++] as string);
  return { lines: taken, next: at };
}
