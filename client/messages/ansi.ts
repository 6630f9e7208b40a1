export interface AnsiSpan {
  text: string;
  colour: 'red' | 'green' | 'yellow' | 'blue' | 'faint' | null;
  isBold: boolean;
}

const colours: Record<number, AnsiSpan['colour']> = {
  1: 'red',
  2: 'green',
  3: 'yellow',
  4: 'blue',
  5: 'blue',
  6: 'blue',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escape codes begin with one
const ESCAPE = /\u001b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** What a terminal would show, simply: colours and bold as spans, progress lines by their last state, the rest left out. */
export function readAnsi(output: string): AnsiSpan[] {
  const spans: AnsiSpan[] = [];
  let style: Pick<AnsiSpan, 'colour' | 'isBold'> = { colour: null, isBold: false };
  const add = (raw: string) => {
    const text = raw.replace(CONTROL, '');
    if (text !== '') spans.push({ text, ...style });
  };
  const text = overwrittenLines(output);
  let end = 0;
  for (const match of text.matchAll(ESCAPE)) {
    add(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] === 'm') style = restyle(style, match[1] ?? '');
  }
  add(text.slice(end));
  return spans;
}

/** A carriage return goes back to the start of the line: what follows it is what is seen. */
function overwrittenLines(text: string): string {
  return text
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => line.slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1))
    .join('\n');
}

function restyle(style: Pick<AnsiSpan, 'colour' | 'isBold'>, codes: string): typeof style {
  let { colour, isBold } = style;
  for (const code of codes.split(/[;:]/).map(Number)) {
    if (code === 0) [colour, isBold] = [null, false];
    else if (code === 1) isBold = true;
    else if (code === 2) colour = 'faint';
    else if (code === 22) isBold = false;
    // What follows is a number of a larger palette.
    else if (code === 38 || code === 48) break;
    else if (code === 39) colour = null;
    else if (code === 90) colour = 'faint';
    else if (code >= 30 && code <= 37) colour = colours[code - 30] ?? null;
    else if (code >= 91 && code <= 97) colour = colours[code - 90] ?? null;
  }
  return { colour, isBold };
}
