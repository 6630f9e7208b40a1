export type Piece = { kind: 'words' | 'command'; text: string } | { kind: 'code'; label: string; text: string };

/**
 * A message in pieces: words, lines that begin with `!`, and what stands between ``` fences, with what is written behind
 * the opening one. A fence that is not closed is words.
 */
export function splitFences(text: string): Piece[] {
  const pieces: Piece[] = [];
  const fence = /^```([^\n`]*)\n([\s\S]*?)\n?^```[ \t]*$\n?/gm;
  let at = 0;
  for (const match of text.matchAll(fence)) {
    pieces.push(...splitCommands(text.slice(at, match.index)));
    pieces.push({ kind: 'code', label: (match[1] ?? '').trim(), text: match[2] ?? '' });
    at = match.index + match[0].length;
  }
  pieces.push(...splitCommands(text.slice(at)));
  return pieces;
}

function splitCommands(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const kind = line.startsWith('!') ? 'command' : 'words';
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += line;
    else if (line !== '') pieces.push({ kind, text: line });
  }
  return pieces;
}
