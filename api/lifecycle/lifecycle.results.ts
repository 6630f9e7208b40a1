import { createUnionType, Field, ID, Int, ObjectType } from 'type-graphql';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { Project } from '../projects/project.entity.ts';

@ObjectType({ description: 'The session is in the trash; restoreChatSession brings it back.' })
export class DeleteChatSessionSuccess {
  @Field(() => ID, { description: 'The session that was deleted.' })
  chatSessionId!: string;
}

@ObjectType({ description: 'The session is gone for good.' })
export class PurgeChatSessionSuccess {
  @Field(() => ID, { description: 'The session that is gone.' })
  chatSessionId!: string;
}

@ObjectType({ description: 'What was in the trash of a project is gone for good.' })
export class EmptyTrashSuccess {
  @Field(() => ID, { description: 'The project whose trash was emptied.' })
  projectId!: string;

  @Field(() => Int, { description: 'How many sessions are gone.' })
  chatSessionCount!: number;
}

@ObjectType({ description: 'The project is in the trash; restoreProject brings it back.' })
export class DeleteProjectSuccess {
  @Field(() => ID, { description: 'The project that was deleted.' })
  projectId!: string;
}

@ObjectType({ description: 'The project is gone for good.' })
export class PurgeProjectSuccess {
  @Field(() => ID, { description: 'The project that is gone.' })
  projectId!: string;
}

export const DeleteChatSessionResult = createUnionType({
  name: 'DeleteChatSessionResult',
  description: 'That the session is in the trash, or why it is not.',
  types: () => [DeleteChatSessionSuccess, NotFound] as const,
});

export const PurgeChatSessionResult = createUnionType({
  name: 'PurgeChatSessionResult',
  description: 'That the session is gone for good, or why it is not.',
  types: () => [PurgeChatSessionSuccess, NotFound, Conflict] as const,
});

export const EmptyTrashResult = createUnionType({
  name: 'EmptyTrashResult',
  description: 'That the trash is empty, or why it is not.',
  types: () => [EmptyTrashSuccess, NotFound] as const,
});

export const DeleteProjectResult = createUnionType({
  name: 'DeleteProjectResult',
  description: 'That the project is in the trash, or why it is not.',
  types: () => [DeleteProjectSuccess, NotFound] as const,
});

export const RestoreProjectResult = createUnionType({
  name: 'RestoreProjectResult',
  description: 'The project with its sessions as they were, or why it is not back.',
  types: () => [Project, NotFound] as const,
});

export const PurgeProjectResult = createUnionType({
  name: 'PurgeProjectResult',
  description: 'That the project is gone for good, or why it is not.',
  types: () => [PurgeProjectSuccess, NotFound, Conflict] as const,
});
