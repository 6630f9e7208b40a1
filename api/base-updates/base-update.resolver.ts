import { Arg, Ctx, createUnionType, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import type { MergeConflict } from '../git/updates.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { WorkspaceOperation } from '../operations/operation.entity.ts';
import { WorkspaceOperationResult } from '../operations/operation.resolver.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { BaseUpdate } from './base-update.entity.ts';
import { ResolveConflictInput, UpdateFromBaseInput } from './base-update.inputs.ts';
import {
  ConflictFile,
  type ConflictFileKind,
  ConflictResolution,
  ConflictText,
  FileVersion,
  FileVersionKind,
  mergedVersion,
  versionOf,
} from './conflict-file.type.ts';
import { decisionAbout, isSame, unresolved } from './decisions.ts';

const BaseUpdateResult = createUnionType({
  name: 'BaseUpdateResult',
  description: 'The update as it is now, or why it stayed as it was.',
  types: () => [BaseUpdate, InvalidInput, NotFound, Conflict] as const,
});

const theUpdate = { description: 'The update from the base.' };

@Resolver(() => ChatSession)
export class ChatSessionBaseUpdateResolver {
  @FieldResolver(() => BaseUpdate, {
    nullable: true,
    description:
      'The update from its base that is under way, mostly because conflicts are to be resolved; null without one.',
  })
  baseUpdate(@Root() session: ChatSession, @Ctx() { baseUpdates }: RequestContext) {
    return baseUpdates.underWay(session);
  }

  @FieldResolver(() => BaseUpdate, {
    nullable: true,
    description: 'The newest update from its base, whatever its state. Changes come over chatSessionChanged.',
  })
  latestBaseUpdate(@Root() session: ChatSession, @Ctx() { baseUpdates }: RequestContext) {
    return baseUpdates.latest(session);
  }
}

@Resolver(() => WorkspaceOperation)
export class OperationBaseUpdateResolver {
  @FieldResolver(() => BaseUpdate, {
    nullable: true,
    description: 'The update from the base it belongs to; null for operations of other kinds.',
  })
  baseUpdate(@Root() { input }: WorkspaceOperation, @Ctx() { baseUpdates }: RequestContext) {
    return typeof input.baseUpdateId === 'number' ? baseUpdates.byId(input.baseUpdateId) : null;
  }
}

@Resolver(() => BaseUpdate)
export class BaseUpdateResolver {
  @FieldResolver(() => [ConflictFile], {
    description: 'The files in conflict, resolved or not, by path: at most 1,000. Empty once the update has ended.',
  })
  conflicts(@Root() update: BaseUpdate, @Ctx() { baseUpdates }: RequestContext) {
    return Promise.all(update.conflicts.map((conflict) => toFile(update, conflict, baseUpdates)));
  }

  @FieldResolver(() => ConflictFile, {
    nullable: true,
    description: 'One of them; null when that file is not in conflict.',
  })
  conflict(
    @Root() update: BaseUpdate,
    @Arg('path', () => String, { description: 'The file.' }) path: string,
    @Ctx() { baseUpdates }: RequestContext,
  ) {
    const conflict = update.conflicts.find((one) => one.path === path);
    return conflict ? toFile(update, conflict, baseUpdates) : null;
  }

  @FieldResolver(() => Int, { description: 'How many conflicts are not resolved yet.' })
  unresolvedCount(@Root() update: BaseUpdate): number {
    return unresolved(update).length;
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the files with markers lie in the workspace just now, for the agent to resolve them.',
  })
  isWithAgent(@Root() { placement }: BaseUpdate): boolean {
    return placement?.kind === 'marked';
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Bring what is new in the base branch into a session. Without conflicts it is done when the operation has ended; with conflicts the session stays as it is, and baseUpdate says which they are. What is not committed is carried over.',
  })
  updateFromBase(
    @Arg('input', () => UpdateFromBaseInput, { description: 'Which session, and how.' }) input: UpdateFromBaseInput,
    @Ctx() { baseUpdates, viewer }: RequestContext,
  ) {
    return baseUpdates.request(viewer, input);
  }

  @Mutation(() => BaseUpdateResult, {
    description: 'Decide what a file in conflict is to be. It can be decided again until the update is completed.',
  })
  resolveConflict(
    @Arg('input', () => ResolveConflictInput, { description: 'Which file, and what it is to be.' })
    input: ResolveConflictInput,
    @Ctx() { baseUpdates, viewer }: RequestContext,
  ) {
    return baseUpdates.resolve(viewer, input);
  }

  @Mutation(() => BaseUpdateResult, {
    description:
      'Ask the agent to resolve what is still open, by a message in the session. Files with markers lie in the workspace during its turn; what it resolved counts as decided, and when nothing is open any more the update is completed by that turn.',
  })
  askAgentToResolve(
    @Arg('id', () => ID, theUpdate) id: string,
    @Arg('instructions', () => String, {
      defaultValue: '',
      description: 'What the agent should know besides; added to the message. At most 20,000 characters.',
    })
    instructions: string,
    @Ctx() { baseUpdates, viewer }: RequestContext,
  ) {
    return baseUpdates.askAgent(viewer, id, instructions);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description:
      'Go on with an update whose conflicts are resolved: it is worked out once more from where both branches are now, and put in place. What has become a conflict since, or in the next commit of a rebase, is asked about again.',
  })
  completeBaseUpdate(@Arg('id', () => ID, theUpdate) id: string, @Ctx() { baseUpdates, viewer }: RequestContext) {
    return baseUpdates.complete(viewer, id);
  }

  @Mutation(() => WorkspaceOperationResult, {
    description: 'Call an update off. Branch and files of the session are as they were before, byte for byte.',
  })
  abortBaseUpdate(@Arg('id', () => ID, theUpdate) id: string, @Ctx() { baseUpdates, viewer }: RequestContext) {
    return baseUpdates.abort(viewer, id);
  }
}

@Resolver(() => FileVersion)
export class FileVersionResolver {
  @FieldResolver(() => ConflictText, {
    nullable: true,
    description: 'Its text, read when it is asked for; null for a submodule.',
  })
  content(@Root() version: FileVersion, @Ctx() { baseUpdates }: RequestContext) {
    return version.kind === FileVersionKind.SUBMODULE ? null : baseUpdates.text(version);
  }
}

async function toFile(
  update: BaseUpdate,
  conflict: MergeConflict,
  baseUpdates: RequestContext['baseUpdates'],
): Promise<ConflictFile> {
  const place = await baseUpdates.placeOf(update);
  const decision = decisionAbout(update, conflict);
  const result = decision?.result ?? null;
  const text = result && 'text' in result ? result.text : null;
  return Object.assign(new ConflictFile(), {
    path: conflict.path,
    kind: conflict.kind as ConflictFileKind,
    isBinary: conflict.isBinary,
    resolution: decision ? resolutionOf(conflict, result) : null,
    ancestor: versionOf(conflict.ancestor, place),
    ours: versionOf(conflict.ours, place),
    theirs: versionOf(conflict.theirs, place),
    merged: mergedVersion(conflict, place),
    resolved: result && 'sha' in result ? versionOf(result, place) : null,
    resolvedText: text,
  });
}

function resolutionOf(
  { ours, theirs }: MergeConflict,
  result: NonNullable<ReturnType<typeof decisionAbout>>['result'],
): ConflictResolution {
  if (result && 'text' in result) return ConflictResolution.CONTENT;
  if (isSame(result, ours)) return ConflictResolution.OURS;
  if (isSame(result, theirs)) return ConflictResolution.THEIRS;
  return result ? ConflictResolution.CONTENT : ConflictResolution.DELETE;
}
