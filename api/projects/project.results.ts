import { createUnionType, Field, ID, ObjectType } from 'type-graphql';
import { ChangeKind } from '../graphql/change-kind.ts';
import { connectionOf } from '../graphql/connection.ts';
import { Conflict, InvalidInput, NotFound, SourceRefused } from '../graphql/user-error.ts';
import { Project } from './project.entity.ts';

export const ProjectConnection = connectionOf(Project, 'Project');

@ObjectType({ description: 'Something happened to a project.' })
export class ProjectChange {
  @Field(() => ChangeKind, { description: 'What happened.' })
  kind!: ChangeKind;

  @Field(() => ID, { description: 'The project it happened to.' })
  projectId!: string;

  @Field(() => Project, { nullable: true, description: 'The project as it is now; null when it is gone.' })
  project!: Project | null;
}

export const CreateProjectResult = createUnionType({
  name: 'CreateProjectResult',
  description: 'The new project, which is still being prepared, or why there is none.',
  types: () => [Project, InvalidInput, SourceRefused] as const,
});

export const UpdateProjectResult = createUnionType({
  name: 'UpdateProjectResult',
  description: 'The changed project, or why it stayed as it was.',
  types: () => [Project, InvalidInput, NotFound] as const,
});

export const RetryProjectResult = createUnionType({
  name: 'RetryProjectResult',
  description: 'The project, which is being prepared again, or why it is not.',
  types: () => [Project, NotFound, Conflict] as const,
});
