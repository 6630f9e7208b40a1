import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { MergeConflict, MergeSide } from '../git/updates.ts';

export enum ConflictFileKind {
  CONTENT = 'content',
  ADDED_BY_BOTH = 'added-by-both',
  DELETED_BY_SESSION = 'deleted-by-ours',
  DELETED_BY_BASE = 'deleted-by-theirs',
  RENAMED = 'renamed',
  TYPE = 'type',
  FOLDER = 'folder',
  SUBMODULE = 'submodule',
}

registerEnumType(ConflictFileKind, {
  name: 'ConflictFileKind',
  description: 'What both sides did to a file, so that no machine can put them together.',
  valuesConfig: {
    CONTENT: { description: 'Both changed it, in the same place or as bytes that are no text.' },
    ADDED_BY_BOTH: { description: 'Both added it, with different content.' },
    DELETED_BY_SESSION: { description: 'The session deleted it, and the base changed it.' },
    DELETED_BY_BASE: { description: 'The base deleted it, and the session changed it.' },
    RENAMED: {
      description:
        'Both renamed a file, each to another name: the old name and both new ones are conflicts of their own, each decided by itself.',
    },
    TYPE: { description: 'One side made it a symbolic link, the other a file.' },
    FOLDER: { description: 'One side has a file where the other has a folder.' },
    SUBMODULE: { description: 'Both moved a submodule to another commit. One of the two can be chosen.' },
  },
});

export enum ConflictResolution {
  OURS = 'ours',
  THEIRS = 'theirs',
  CONTENT = 'content',
  DELETE = 'delete',
}

registerEnumType(ConflictResolution, {
  name: 'ConflictResolution',
  description: 'How a conflict is resolved.',
  valuesConfig: {
    OURS: { description: 'As the session has it, which may be: not at all.' },
    THEIRS: { description: 'As the base has it, which may be: not at all.' },
    CONTENT: { description: 'The given text, or what the agent made of it.' },
    DELETE: { description: 'There is to be no such file.' },
  },
});

export enum FileVersionKind {
  FILE = 'file',
  EXECUTABLE = 'executable',
  LINK = 'link',
  SUBMODULE = 'submodule',
}

registerEnumType(FileVersionKind, {
  name: 'FileVersionKind',
  description: 'What a version of a file is.',
  valuesConfig: {
    FILE: { description: 'A file.' },
    EXECUTABLE: { description: 'A file that can be run.' },
    LINK: { description: 'A symbolic link; its text is where it leads.' },
    SUBMODULE: { description: 'A commit of another repository; it has no text here.' },
  },
});

@ObjectType({ description: 'The text of a version of a file.' })
export class ConflictText {
  @Field(() => String, { nullable: true, description: 'The text, untrusted; null when it is no text.' })
  text!: string | null;

  @Field(() => Int, { description: 'How long all of it is, in bytes.' })
  bytes!: number;

  @Field(() => Boolean, { description: 'Whether only the beginning is here: at most 512 kB are.' })
  isTruncated!: boolean;
}

@ObjectType({ description: 'One version of a file that is in conflict.' })
export class FileVersion {
  @Field(() => FileVersionKind, { description: 'What it is.' })
  kind!: FileVersionKind;

  @Field(() => String, { description: 'Id of its content, as git names it; of a submodule the commit.' })
  sha!: string;

  projectId!: number;
  runnerId!: string | null;
}

@ObjectType({ description: 'A file that both sides changed so that it has to be decided what it is to be.' })
export class ConflictFile {
  @Field(() => String, { description: 'Where it is, from the root of the repository.' })
  path!: string;

  @Field(() => ConflictFileKind, { description: 'What both sides did.' })
  kind!: ConflictFileKind;

  @Field(() => Boolean, { description: 'Whether one of the versions is no text.' })
  isBinary!: boolean;

  @Field(() => ConflictResolution, { nullable: true, description: 'What was decided; null while nothing was.' })
  resolution!: ConflictResolution | null;

  @Field(() => FileVersion, {
    nullable: true,
    description: 'As it was before both sides changed it; null without one.',
  })
  ancestor!: FileVersion | null;

  @Field(() => FileVersion, { nullable: true, description: 'As the session has it; null when it does not.' })
  ours!: FileVersion | null;

  @Field(() => FileVersion, { nullable: true, description: 'As the base has it; null when it does not.' })
  theirs!: FileVersion | null;

  @Field(() => FileVersion, {
    nullable: true,
    description: 'Both put together, with the parts in conflict between markers; null where that cannot be done.',
  })
  merged!: FileVersion | null;

  @Field(() => FileVersion, {
    nullable: true,
    description: 'What it is to be, once that was decided by the agent or by choosing a side; null when it is to go.',
  })
  resolved!: FileVersion | null;

  @Field(() => String, { nullable: true, description: 'The text that was given as its resolution; null without one.' })
  resolvedText!: string | null;
}

type Place = Pick<FileVersion, 'projectId' | 'runnerId'>;

export function versionOf(side: MergeSide | null, place: Place): FileVersion | null {
  return side && Object.assign(new FileVersion(), { ...place, sha: side.sha, kind: kindOfMode(side.mode) });
}

export function mergedVersion({ marked }: MergeConflict, place: Place): FileVersion | null {
  return marked === null
    ? null
    : Object.assign(new FileVersion(), { ...place, sha: marked, kind: FileVersionKind.FILE });
}

function kindOfMode(mode: number): FileVersionKind {
  switch (mode) {
    case 0o160000:
      return FileVersionKind.SUBMODULE;
    case 0o120000:
      return FileVersionKind.LINK;
    case 0o100755:
      return FileVersionKind.EXECUTABLE;
    default:
      return FileVersionKind.FILE;
  }
}
