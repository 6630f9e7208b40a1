import { parseEnv } from 'node:util';

export interface DotEnvLine {
  /** Where it begins, from 1. */
  line: number;
  /** Null when the line is no assignment. */
  assignment: { name: string; value: string } | null;
}

/** Values of a .env file may be quoted over several lines; no more than this. */
const QUOTED_LINES_MAX = 1_000;

/** The assignments of a .env file, and the lines that are none; empty lines and comments are left out. */
export function readDotEnv(text: string): DotEnvLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const found: DotEnvLine[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const length = assignmentLength(lines, at);
    if (!/^\s*(#|$)/.test(line)) {
      found.push({ line: at + 1, assignment: parse(lines.slice(at, at + length).join('\n')) });
    }
    at += length;
  }
  return found;
}

/** How many lines the assignment takes that begins here: a quoted value goes on until its quote is closed. */
function assignmentLength(lines: string[], at: number): number {
  const [, quote, rest = ''] = /^\s*(?:export\s+)?[^=#\s]+\s*=\s*(["'`])(.*)$/.exec(lines[at] as string) ?? [];
  if (!quote || rest.includes(quote)) return 1;
  const end = lines.slice(at + 1, at + QUOTED_LINES_MAX).findIndex((line) => line.includes(quote));
  return end < 0 ? 1 : end + 2;
}

function parse(text: string): DotEnvLine['assignment'] {
  if (!/^\s*(?:export\s+)?[^=#\s]+\s*=/.test(text)) return null;
  const [entry, ...others] = Object.entries(parseEnv(text));
  if (!entry || others.length > 0) return null;
  return { name: entry[0], value: entry[1] ?? '' };
}
