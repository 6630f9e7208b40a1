import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { UpdateChatSessionResult } from '../sessions/session.results.ts';
import {
  DeleteChatSessionResult,
  DeleteChatSessionSuccess,
  EmptyTrashResult,
  EmptyTrashSuccess,
  PurgeChatSessionResult,
  PurgeChatSessionSuccess,
} from './lifecycle.results.ts';
import { purgeAt, trashAt } from './lifecycle.settings.ts';

const theSession = { description: 'The session.' };

@Resolver(() => ChatSession)
export class ChatSessionLifecycleResolver {
  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the trash removes it for good; null while it is not in the trash.',
  })
  purgeAt(@Root() { deletedAt }: ChatSession, @Ctx() { lifecycle }: RequestContext) {
    return purgeAt(deletedAt, lifecycle.settings);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      'When it goes to the trash by itself, because it is archived and nothing happens in it; null when it does not. Seen once an hour.',
  })
  async trashAt(@Root() session: ChatSession, @Ctx() { lifecycle, loaders }: RequestContext) {
    const project = await loaders.project.load(session.projectId);
    return project && trashAt(session, project, lifecycle.settings);
  }

  @Mutation(() => UpdateChatSessionResult, {
    description:
      'Put a session away. What runs in it is stopped, and its directory is freed: what is committed stays on its branch, and what is not (untracked and ignored files, too) is kept and comes back with unarchiveChatSession. Only ignored folders that set-up makes again, such as node_modules, are not kept. See latestOperation for how far that is.',
  })
  archiveChatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { lifecycle, viewer }: RequestContext) {
    return lifecycle.archive(viewer, id);
  }

  @Mutation(() => UpdateChatSessionResult, {
    description:
      'Make an archived or completed session active again. A directory that was freed comes back with the same files at the same path; messages can be sent at once and wait for it.',
  })
  unarchiveChatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { lifecycle, viewer }: RequestContext) {
    return lifecycle.unarchive(viewer, id);
  }

  @Mutation(() => DeleteChatSessionResult, {
    description:
      'Put a session in the trash. What runs in it is stopped; it can be restored until the day that purgeAt names.',
  })
  async deleteChatSession(
    @Arg('id', () => ID, theSession) id: string,
    @Arg('deleteBranch', () => Boolean, {
      defaultValue: false,
      description: 'Whether its branch is deleted, too, when the session goes for good. Otherwise the branch is kept.',
    })
    deleteBranch: boolean,
    @Ctx() { lifecycle, viewer }: RequestContext,
  ) {
    const result = await lifecycle.delete(viewer, id, deleteBranch);
    return result instanceof ChatSession
      ? Object.assign(new DeleteChatSessionSuccess(), { chatSessionId: result.id })
      : result;
  }

  @Mutation(() => UpdateChatSessionResult, { description: 'Take a session out of the trash again.' })
  restoreChatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { lifecycle, viewer }: RequestContext) {
    return lifecycle.restore(viewer, id);
  }

  @Mutation(() => PurgeChatSessionResult, {
    description:
      'Delete a session in the trash for good, now: its conversation, its directory and what was kept of it. Cannot be undone. The branch stays, unless deleteChatSession was told otherwise.',
  })
  async purgeChatSession(@Arg('id', () => ID, theSession) id: string, @Ctx() { lifecycle, viewer }: RequestContext) {
    const result = await lifecycle.purge(viewer, id);
    return result instanceof ChatSession
      ? Object.assign(new PurgeChatSessionSuccess(), { chatSessionId: result.id })
      : result;
  }

  @Mutation(() => EmptyTrashResult, {
    description: 'Delete every session in the trash of a project for good, as purgeChatSession does.',
  })
  async emptyTrash(
    @Arg('projectId', () => ID, { description: 'The project.' }) projectId: string,
    @Ctx() { lifecycle, viewer }: RequestContext,
  ) {
    const result = await lifecycle.emptyTrash(viewer, projectId);
    return typeof result === 'number'
      ? Object.assign(new EmptyTrashSuccess(), { projectId, chatSessionCount: result })
      : result;
  }
}
