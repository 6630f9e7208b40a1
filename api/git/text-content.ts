import { TextDecoder } from 'node:util';
import type { FileContent, LineEnd } from './reads.ts';

/** git looks so far for a zero byte, and takes a file for binary when it finds one. */
const SNIFFED_BYTES = 8_000;

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export function isBinary(content: Buffer): boolean {
  return content.subarray(0, SNIFFED_BYTES).includes(0);
}

/** How a text is stored: by its mark, or as UTF-8 when it is valid, or as what most older editors wrote. */
export function encodingOf(content: Buffer): Encoding {
  if (content.length >= 2 && content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  if (content.length >= 2 && content[0] === 0xfe && content[1] === 0xff) return 'utf-16be';
  return isUtf8(content) ? 'utf-8' : 'windows-1252';
}

const decoders = new Map<Encoding, TextDecoder>();

/** A mark at the beginning stays: whether it is there is part of the text. */
export function decode(content: Buffer, encoding: Encoding): string {
  const decoder = decoders.get(encoding) ?? new TextDecoder(encoding, { ignoreBOM: true });
  decoders.set(encoding, decoder);
  return decoder.decode(content);
}

/** Whether a text has line ends, and which. */
export function lineEndsOf(text: string): NonNullable<FileContent['lineEnds']> {
  const all = text.split('\n').length - 1;
  if (all === 0) return 'none';
  const crlf = text.split('\r\n').length - 1;
  if (crlf === 0) return 'lf';
  return crlf === all ? 'crlf' : 'mixed';
}

/** A line without its end, and the end. */
export function splitLineEnd(line: Buffer): { content: Buffer; end: LineEnd } {
  if (line.at(-1) !== 10) return { content: line, end: 'none' };
  const isCrlf = line.at(-2) === 13;
  return { content: line.subarray(0, isCrlf ? -2 : -1), end: isCrlf ? 'crlf' : 'lf' };
}

/** The lines of a text as bytes, each with its end. */
export function linesOf(content: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, start)) {
    lines.push(content.subarray(start, at + 1));
    start = at + 1;
  }
  if (start < content.length) lines.push(content.subarray(start));
  return lines;
}

/** The beginning of a UTF-8 text, without half a character at its end. */
export function cutUtf8(content: Buffer, bytes: number): Buffer {
  if (content.length <= bytes) return content;
  let end = bytes;
  while (end > bytes - 4 && end > 0 && ((content[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return content.subarray(0, end);
}

function isUtf8(content: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
