import { readRawDiff } from './raw-diff.ts';

/** What a message asks for, in its order. */
export type Action =
  | { type: 'command'; command: string }
  | { type: 'write'; path: string; content: string }
  | { type: 'diff'; diff: string }
  /** Something that looks like a request but cannot be done; the sentence says why. */
  | { type: 'problem'; message: string };

/**
 * Reads a message line by line:
 *   `!command`                            a command; each line is one of its own
 *   ```html index.html                    a file: its name stands after the language,
 *   ```src/a.ts                           alone (then with a dot or a slash in it),
 *   src/a.ts:                             or on the line before the block, followed by a colon
 *   ```diff                               a unified diff; one outside of any block is read, too
 * Within a block nothing else is looked for, and a block without a name asks for nothing.
 */
export function parse(message: string): Action[] {
  const lines = message.split(/\r?\n/);
  const actions: Action[] = [];
  for (let at = 0; at < lines.length; ) {
    const block = readBlock(lines, at);
    const diff = block ? null : readRawDiff(lines, at);
    if (block) {
      const action = actionOfBlock(block, lines[at - 1] ?? '');
      if (action) actions.push(action);
    } else if (diff) {
      actions.push({ type: 'diff', diff: diff.text });
    } else {
      const command = readCommand(lines[at] as string);
      if (command) actions.push({ type: 'command', command });
    }
    at = (block ?? diff)?.next ?? at + 1;
  }
  return actions;
}

interface Block {
  info: string;
  lines: string[];
  isClosed: boolean;
  next: number;
}

function readBlock(lines: string[], at: number): Block | null {
  const [, indent, fence, info] = /^( {0,3})(`{3,}|~{3,})\s*([^`]*)$/.exec(lines[at] as string) ?? [];
  if (indent === undefined || !fence || info === undefined) return null;
  const close = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`);
  const found = lines.findIndex((line, index) => index > at && close.test(line));
  const end = found === -1 ? lines.length : found;
  // As much of the fence's own indentation as a line has is not part of it.
  const content = lines.slice(at + 1, end).map((line) => line.replace(new RegExp(`^ {0,${indent.length}}`), ''));
  return { info: info.trim(), lines: content, isClosed: found !== -1, next: end + 1 };
}

function actionOfBlock(block: Block, lineBefore: string): Action | null {
  const [language = '', second = ''] = block.info.split(/\s+/);
  const isDiff = /^(diff|patch)$/i.test(language);
  const path = isDiff ? 'the diff' : (nameIn(language, second) ?? nameBefore(lineBefore));
  if (!path) return null;
  if (!block.isClosed) {
    return { type: 'problem', message: `The block of ${path} is not closed, so it may not be complete.` };
  }
  const content = block.lines.map((line) => `${line}\n`).join('');
  return isDiff ? { type: 'diff', diff: content } : { type: 'write', path, content };
}

/** No blanks and nothing of `{1,3}` or `title="x"`, which other programs put there. */
const NAME = /^[^\s{}="'`<>|*?]+$/;

function nameIn(first: string, second: string): string | null {
  if (NAME.test(second)) return second;
  return NAME.test(first) && /[./]/.test(first) ? first : null;
}

function nameBefore(line: string): string | null {
  const name = /^\s*(?:#+\s+|[-*]\s+)?[`*]*([^\s`*:]+)[`*]*:[`*]*\s*$/.exec(line)?.[1];
  return name && NAME.test(name) && /[./]/.test(name) ? name : null;
}

function readCommand(line: string): string | null {
  // A picture in Markdown starts with the same sign.
  if (!line.startsWith('!') || /^!\[.*\]\(/.test(line)) return null;
  return line.slice(1).trim() || null;
}
