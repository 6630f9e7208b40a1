import type { Patch } from './nodegit.ts';
import type { FileHunk, FileLine } from './reads.ts';
import { decode, encodingOf, linesOf, splitLineEnd } from './text-content.ts';

/** So much one answer shows of a file. */
const MAX_LINES = 5_000;
const MAX_LINE_CHARACTERS = 2_000;
const MAX_CHARACTERS = 1_000_000;

/** Hunks with their lines, as much of them as one answer shows. */
export class Shown {
  private readonly before: Lines;
  private readonly after: Lines;
  private lines = 0;
  private characters = 0;

  constructor(before: Buffer, after: Buffer) {
    this.before = new Lines(before);
    this.after = new Lines(after);
  }

  async hunksOf(patch: Patch | null): Promise<{ hunks: FileHunk[]; isCut: boolean }> {
    const hunks: FileHunk[] = [];
    for (const hunk of patch ? await patch.hunks() : []) {
      if (this.isFull()) return { hunks, isCut: true };
      const lines: FileLine[] = [];
      hunks.push({
        oldStart: hunk.oldStart(),
        oldLines: hunk.oldLines(),
        newStart: hunk.newStart(),
        newLines: hunk.newLines(),
        heading: /^@@.*?@@ ?(.*)/.exec(hunk.header())?.[1]?.slice(0, MAX_LINE_CHARACTERS) ?? '',
        lines,
      });
      for (const line of await hunk.lines()) {
        const kind = lineKind(line.origin());
        if (!kind) continue;
        if (this.isFull()) return { hunks, isCut: true };
        lines.push(this.line(kind, line.oldLineno(), line.newLineno()));
      }
    }
    return { hunks, isCut: false };
  }

  private line(kind: FileLine['kind'], oldLine: number, newLine: number): FileLine {
    const { text, end } = kind === 'removed' ? this.before.at(oldLine) : this.after.at(newLine);
    const shown = text.length > MAX_LINE_CHARACTERS ? text.slice(0, MAX_LINE_CHARACTERS) : text;
    this.lines += 1;
    this.characters += shown.length;
    return {
      kind,
      oldNumber: oldLine > 0 ? oldLine : null,
      newNumber: newLine > 0 ? newLine : null,
      text: shown,
      end,
      isCut: shown.length < text.length,
    };
  }

  private isFull(): boolean {
    return this.lines >= MAX_LINES || this.characters >= MAX_CHARACTERS;
  }
}

/** The words of lines are taken from the content itself: nodegit hands them over as UTF-8, which would break others. */
class Lines {
  private readonly lines: Buffer[];
  private readonly encoding: ReturnType<typeof encodingOf>;

  constructor(content: Buffer) {
    this.lines = linesOf(content);
    this.encoding = encodingOf(content);
  }

  /** By its number, from 1. */
  at(number: number): { text: string; end: FileLine['end'] } {
    const { content, end } = splitLineEnd(this.lines[number - 1] ?? Buffer.alloc(0));
    return { text: decode(content, this.encoding), end };
  }
}

function lineKind(origin: number): FileLine['kind'] | null {
  switch (String.fromCharCode(origin)) {
    case ' ':
      return 'context';
    case '+':
      return 'added';
    case '-':
      return 'removed';
    default:
      return null;
  }
}
