import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { UserError } from '../graphql/user-error.ts';
import { ChatSession } from '../sessions/session.entity.ts';
import { DiffResult, FileDiffResult } from './diff.types.ts';
import { DiffRangeInput, FilesAtInput } from './file.inputs.ts';
import { FileResult, FolderResult } from './file.types.ts';
import { toDiff, toFile, toFileDiff, toFolder } from './shown-files.ts';

const between = { nullable: true, description: 'Between which states; from its base to now when left out.' } as const;
const when = { nullable: true, description: 'When; as it is now when left out.' } as const;

@Resolver(() => ChatSession)
export class ChatSessionFilesResolver {
  @FieldResolver(() => DiffResult, {
    description:
      'Which files differ between two states of its files. Where its workspace is not on the disk, the files as they were when it was freed stand for now, or its newest commit.',
  })
  async diff(
    @Root() session: ChatSession,
    @Arg('range', () => DiffRangeInput, between) range: DiffRangeInput | null | undefined,
    @Ctx() { files }: RequestContext,
  ) {
    const found = await files.diff(session, range);
    return found instanceof UserError ? found : toDiff(found);
  }

  @FieldResolver(() => FileDiffResult, {
    description: 'The lines of one file that differ between two states. Ask for them when the file is opened.',
  })
  async fileDiff(
    @Root() session: ChatSession,
    @Arg('path', () => String, { description: 'The file, relative to the repository.' }) path: string,
    @Arg('oldPath', () => String, { nullable: true, description: 'Of a renamed file: its path before.' })
    oldPath: string | null | undefined,
    @Arg('range', () => DiffRangeInput, between) range: DiffRangeInput | null | undefined,
    @Arg('contextLines', () => Int, {
      defaultValue: 3,
      description: 'So many lines around each change, 0 to 1,000; a whole file is shown with more than it has.',
    })
    contextLines: number,
    @Ctx() { files }: RequestContext,
  ) {
    const found = await files.fileDiff(session, range, {
      path,
      oldPath: oldPath ?? null,
      contextLines,
    });
    return found instanceof UserError ? found : toFileDiff(found);
  }

  @FieldResolver(() => FolderResult, {
    description: 'What lies in a folder of its files, also what is untracked or ignored. Links are never followed.',
  })
  async folder(
    @Root() session: ChatSession,
    @Arg('path', () => String, { defaultValue: '', description: 'The folder; empty for the repository itself.' })
    path: string,
    @Arg('at', () => FilesAtInput, when) at: FilesAtInput | null | undefined,
    @Ctx() { files }: RequestContext,
  ) {
    const found = await files.folder(session, path, at);
    return found instanceof UserError ? found : toFolder(found);
  }

  @FieldResolver(() => FileResult, { description: 'One of its files and what it holds. Links are never followed.' })
  async file(
    @Root() session: ChatSession,
    @Arg('path', () => String, { description: 'The file, relative to the repository.' }) path: string,
    @Arg('at', () => FilesAtInput, when) at: FilesAtInput | null | undefined,
    @Ctx() { files }: RequestContext,
  ) {
    const found = await files.file(session, path, at);
    return found instanceof UserError ? found : toFile(found);
  }
}
