import { createUnionType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { FileChangeKind } from '../messages/message-part.type.ts';
import { FileMode, FilesState } from './files-state.type.ts';

@ObjectType({ description: 'One side of a file that differs.' })
export class FileSide {
  @Field(() => FileMode, {
    description: 'What kind of file it is there; another one on the other side is a change, too.',
  })
  mode!: FileMode;

  @Field(() => Float, {
    nullable: true,
    description: 'Its size in bytes; null of submodules, and where too much differed to look at every file.',
  })
  bytes!: number | null;
}

@ObjectType({ description: 'A file that differs between two states.' })
export class DiffFile {
  @Field(() => String, { description: 'Its path, relative to the repository.' })
  path!: string;

  @Field(() => String, { nullable: true, description: 'Its path before, where it was renamed.' })
  oldPath!: string | null;

  @Field(() => FileChangeKind, { description: 'What happened to it.' })
  kind!: FileChangeKind;

  @Field(() => Int, { description: 'Lines added.' })
  additions!: number;

  @Field(() => Int, { description: 'Lines removed.' })
  deletions!: number;

  @Field(() => Boolean, {
    description: 'Whether it is not text on one side; then lines are neither counted nor shown.',
  })
  isBinary!: boolean;

  @Field(() => Boolean, {
    description: 'Whether its name is that of a picture; ask for both sides with `file` to show them.',
  })
  isImage!: boolean;

  @Field(() => FileSide, { nullable: true, description: 'The file before; null where it was not there.' })
  before!: FileSide | null;

  @Field(() => FileSide, { nullable: true, description: 'The file after; null where it is gone.' })
  after!: FileSide | null;

  @Field(() => Boolean, {
    description: 'Whether its lines were not counted: it is too large, or too much differs at once.',
  })
  isUncounted!: boolean;
}

@ObjectType({ description: 'What differs between two states of the files of a session.' })
export class Diff {
  @Field(() => FilesState, {
    description: 'The state before. Give its sha as fromSha to ask for the same again later.',
  })
  from!: FilesState;

  @Field(() => FilesState, { description: 'The state after.' })
  to!: FilesState;

  @Field(() => [DiffFile], {
    description:
      'The files that differ, by path, renamed ones found by their content. At most 3,000; totalFiles counts all.',
  })
  files!: DiffFile[];

  @Field(() => Int, { description: 'How many files differ.' })
  totalFiles!: number;

  @Field(() => Int, { description: 'Lines added in the files that are listed.' })
  additions!: number;

  @Field(() => Int, { description: 'Lines removed in the files that are listed.' })
  deletions!: number;

  @Field(() => [String], {
    description:
      'What is changed in the workspace but no commit would hold: nested repositories, files nobody may read, names that are not UTF-8.',
  })
  skippedPaths!: string[];

  @Field(() => String, { nullable: true, description: 'What is left out, for people; null when nothing is.' })
  note!: string | null;
}

export enum DiffLineKind {
  CONTEXT = 'context',
  ADDED = 'added',
  REMOVED = 'removed',
}

registerEnumType(DiffLineKind, {
  name: 'DiffLineKind',
  description: 'What a line of a difference is.',
  valuesConfig: {
    CONTEXT: { description: 'The same on both sides; shown to find the place.' },
    ADDED: { description: 'Only on the side after.' },
    REMOVED: { description: 'Only on the side before.' },
  },
});

export enum LineEnd {
  LF = 'lf',
  CRLF = 'crlf',
  NONE = 'none',
}

registerEnumType(LineEnd, {
  name: 'LineEnd',
  description: 'How a line ends.',
  valuesConfig: {
    LF: { description: 'With a line feed, as on Unix.' },
    CRLF: { description: 'With a carriage return and a line feed, as on Windows.' },
    NONE: { description: 'Not at all: it is the last one.' },
  },
});

@ObjectType({ description: 'A line of a difference.' })
export class DiffLine {
  @Field(() => DiffLineKind, { description: 'What it is.' })
  kind!: DiffLineKind;

  @Field(() => Int, { nullable: true, description: 'Its number in the file before, from 1; null of added lines.' })
  oldNumber!: number | null;

  @Field(() => Int, { nullable: true, description: 'Its number in the file after, from 1; null of removed lines.' })
  newNumber!: number | null;

  @Field(() => String, { description: 'The line without its end; untrusted, never to be shown as HTML.' })
  text!: string;

  @Field(() => LineEnd, { description: 'How it ends.' })
  end!: LineEnd;

  @Field(() => Boolean, { description: 'Whether it is longer than the 2,000 characters that are shown.' })
  isCut!: boolean;
}

@ObjectType({ description: 'A place in a file where lines differ, with the lines around it.' })
export class DiffHunk {
  @Field(() => Int, { description: 'Number of its first line in the file before.' })
  oldStart!: number;

  @Field(() => Int, { description: 'How many lines it spans in the file before.' })
  oldLines!: number;

  @Field(() => Int, { description: 'Number of its first line in the file after.' })
  newStart!: number;

  @Field(() => Int, { description: 'How many lines it spans in the file after.' })
  newLines!: number;

  @Field(() => String, { description: 'The function or heading it is in, as git finds it; may be empty.' })
  heading!: string;

  @Field(() => [DiffLine], { description: 'Its lines, in order.' })
  lines!: DiffLine[];
}

@ObjectType({
  description:
    'The lines of one file that differ. Links are shown by their targets, submodules by their commits; of binary files and those over 4 MiB there are none.',
})
export class FileDiff {
  @Field(() => FilesState, { description: 'The state before.' })
  from!: FilesState;

  @Field(() => FilesState, { description: 'The state after.' })
  to!: FilesState;

  @Field(() => DiffFile, { description: 'The file, as the list of the difference has it.' })
  file!: DiffFile;

  @Field(() => [DiffHunk], { description: 'Where its lines differ; at most 5,000 lines in all.' })
  hunks!: DiffHunk[];

  @Field(() => Boolean, { description: 'Whether there are more lines than are shown.' })
  isCut!: boolean;

  @Field(() => String, { nullable: true, description: 'What is left out and why, for people; null when nothing is.' })
  note!: string | null;
}

export const DiffResult = createUnionType({
  name: 'DiffResult',
  description: 'What differs, or why it cannot be told.',
  types: () => [Diff, InvalidInput, NotFound, Conflict] as const,
});

export const FileDiffResult = createUnionType({
  name: 'FileDiffResult',
  description: 'The lines of a file that differ, or why they cannot be told.',
  types: () => [FileDiff, InvalidInput, NotFound, Conflict] as const,
});
