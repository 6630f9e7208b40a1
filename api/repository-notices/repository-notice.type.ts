import { Field, ObjectType, registerEnumType } from 'type-graphql';

export enum RepositoryNoticeKind {
  LARGE_FILE_STORAGE = 'LARGE_FILE_STORAGE',
  FILTERS = 'FILTERS',
  ENCODINGS = 'ENCODINGS',
  SUBMODULES = 'SUBMODULES',
  SHALLOW_HISTORY = 'SHALLOW_HISTORY',
}

registerEnumType(RepositoryNoticeKind, {
  name: 'RepositoryNoticeKind',
  description: 'What is special about a repository.',
  valuesConfig: {
    LARGE_FILE_STORAGE: { description: 'Some files are kept by Git LFS: here they are the pointers to them.' },
    FILTERS: { description: 'Git would convert some files with programs, which Kosuke does not run.' },
    ENCODINGS: { description: 'Some files have an encoding other than UTF-8 in a work tree.' },
    SUBMODULES: { description: 'It has submodules: their folders are empty in new workspaces.' },
    SHALLOW_HISTORY: { description: 'Only its newest commits are there.' },
  },
});

@ObjectType({ description: 'What a person should know about a repository before working in it.' })
export class RepositoryNotice {
  @Field(() => RepositoryNoticeKind, { description: 'What it is about.' })
  kind!: RepositoryNoticeKind;

  @Field(() => String, { description: 'What it means, for a person.' })
  message!: string;
}
