import { createUnionType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { FileMode, FilesState } from './files-state.type.ts';

export enum FolderEntryKind {
  FILE = 'file',
  FOLDER = 'folder',
  LINK = 'link',
  SUBMODULE = 'submodule',
  OTHER = 'other',
}

registerEnumType(FolderEntryKind, {
  name: 'FolderEntryKind',
  description: 'What something in a folder is.',
  valuesConfig: {
    FILE: { description: 'A file.' },
    FOLDER: { description: 'A folder.' },
    LINK: { description: 'A symbolic link. It is shown with its target and never followed.' },
    SUBMODULE: { description: 'Another repository that this one names.' },
    OTHER: { description: 'Something git does not keep: a pipe, a socket, a device.' },
  },
});

export enum FolderEntryStatus {
  TRACKED = 'tracked',
  UNTRACKED = 'untracked',
  IGNORED = 'ignored',
}

registerEnumType(FolderEntryStatus, {
  name: 'FolderEntryStatus',
  description: 'What git knows of something in a folder.',
  valuesConfig: {
    TRACKED: { description: 'It is committed, or something in it is.' },
    UNTRACKED: { description: 'It is new; the next commit holds it.' },
    IGNORED: { description: 'It is left out by .gitignore: no commit holds it.' },
  },
});

@ObjectType({ description: 'Something in a folder.' })
export class FolderEntry {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Its path, relative to the repository.' })
  path!: string;

  @Field(() => FolderEntryKind, { description: 'What it is.' })
  kind!: FolderEntryKind;

  @Field(() => Float, { nullable: true, description: 'The size of a file in bytes; null of all others.' })
  bytes!: number | null;

  @Field(() => Boolean, { description: 'Whether it is a file that may be run.' })
  isExecutable!: boolean;

  @Field(() => String, { nullable: true, description: 'Where a link leads to, as it is written in it.' })
  linkTarget!: string | null;

  @Field(() => FolderEntryStatus, { description: 'What git knows of it; in a commit everything is tracked.' })
  status!: FolderEntryStatus;
}

@ObjectType({ description: 'What lies in a folder.' })
export class Folder {
  @Field(() => FilesState, { description: 'Where it was looked at.' })
  at!: FilesState;

  @Field(() => String, { description: 'Its path, relative to the repository; empty for the repository itself.' })
  path!: string;

  @Field(() => [FolderEntry], {
    description: 'What lies in it: folders first, then by name, without .git. At most 3,000; totalEntries counts all.',
  })
  entries!: FolderEntry[];

  @Field(() => Int, { description: 'How many things lie in it.' })
  totalEntries!: number;
}

export enum LineEnds {
  NONE = 'none',
  LF = 'lf',
  CRLF = 'crlf',
  MIXED = 'mixed',
}

registerEnumType(LineEnds, {
  name: 'LineEnds',
  description: 'How the lines of a text end.',
  valuesConfig: {
    NONE: { description: 'It has one line at most, without an end.' },
    LF: { description: 'With line feeds, as on Unix.' },
    CRLF: { description: 'With carriage returns and line feeds, as on Windows.' },
    MIXED: { description: 'Some this way and some that way.' },
  },
});

@ObjectType({ description: 'A file and what it holds.' })
export class FileContent {
  @Field(() => FilesState, { description: 'Where it was looked at.' })
  at!: FilesState;

  @Field(() => String, { description: 'Its path, relative to the repository.' })
  path!: string;

  @Field(() => FileMode, { description: 'What kind of file it is.' })
  mode!: FileMode;

  @Field(() => Float, { description: 'Its size in bytes.' })
  bytes!: number;

  @Field(() => String, {
    nullable: true,
    description: "git's name for these bytes, another one as soon as they change; null over 8 MiB in the workspace.",
  })
  blobSha!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where a link leads to, as it is written in it; null of others.',
  })
  linkTarget!: string | null;

  @Field(() => Boolean, { description: 'Whether it is not text.' })
  isBinary!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'The text, without a byte order mark; at most 1 MiB of it. Untrusted, never to be shown as HTML. Null of others.',
  })
  text!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'How the text is stored: utf-8, utf-16le, utf-16be, or windows-1252 for what is none of these.',
  })
  encoding!: string | null;

  @Field(() => LineEnds, { nullable: true, description: 'How the lines of the text end.' })
  lineEnds!: LineEnds | null;

  @Field(() => String, {
    nullable: true,
    description: 'Of pictures, by what they hold: image/png, image/svg+xml. Null of all others.',
  })
  mediaType!: string | null;

  @Field(() => String, { nullable: true, description: 'The bytes of a picture of at most 8 MiB, in base64.' })
  base64!: string | null;

  @Field(() => Boolean, { description: 'Whether it holds more than is shown.' })
  isCut!: boolean;

  @Field(() => String, { nullable: true, description: 'What is left out and why, for people; null when nothing is.' })
  note!: string | null;
}

export const FolderResult = createUnionType({
  name: 'FolderResult',
  description: 'What lies in a folder, or why it cannot be told.',
  types: () => [Folder, InvalidInput, NotFound, Conflict] as const,
});

export const FileResult = createUnionType({
  name: 'FileResult',
  description: 'A file and what it holds, or why it cannot be shown.',
  types: () => [FileContent, InvalidInput, NotFound, Conflict] as const,
});
