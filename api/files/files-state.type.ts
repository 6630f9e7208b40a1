import { Field, ObjectType, registerEnumType } from 'type-graphql';

export enum FilesStateKind {
  WORKSPACE = 'workspace',
  COMMIT = 'commit',
  EMPTY = 'empty',
}

registerEnumType(FilesStateKind, {
  name: 'FilesStateKind',
  description: 'Where the files of a session are looked at.',
  valuesConfig: {
    WORKSPACE: { description: 'In the workspace, as they are now, with what nobody committed.' },
    COMMIT: { description: 'In a commit.' },
    EMPTY: { description: 'Nowhere: before the first commit there were none.' },
  },
});

@ObjectType({ description: 'The files of a session at one moment.' })
export class FilesState {
  @Field(() => FilesStateKind, { description: 'Where they are looked at.' })
  kind!: FilesStateKind;

  @Field(() => String, { nullable: true, description: 'The commit, 40 hexadecimal digits; null of the others.' })
  sha!: string | null;
}

export enum FileMode {
  FILE = 'file',
  EXECUTABLE = 'executable',
  LINK = 'link',
  SUBMODULE = 'submodule',
}

registerEnumType(FileMode, {
  name: 'FileMode',
  description: 'What git keeps of the kind of a file.',
  valuesConfig: {
    FILE: { description: 'A file.' },
    EXECUTABLE: { description: 'A file that may be run.' },
    LINK: { description: 'A symbolic link; its content is its target.' },
    SUBMODULE: { description: 'Another repository, at one of its commits.' },
  },
});
