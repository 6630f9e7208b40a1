import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BaseRepository } from './git.ts';
import type { GitOperations } from './git-operations.ts';
import { MODE, nodegit, type Repository } from './nodegit.ts';
import { BRANCH_PREFIX, requireBranchName } from './refs.ts';
import { commitSignature } from './signature.ts';
import { claimPlace, moveIntoPlace } from './temporary-folder.ts';

export async function initBase(input: GitOperations['initBase']['input']): Promise<BaseRepository> {
  requireBranchName(input.defaultBranch);
  claimPlace(input.path);
  const repository = await initBare(input.temporaryPath, input.defaultBranch);
  const headSha = input.files.length === 0 ? null : await firstCommit(repository, input);
  repository.cleanup();
  moveIntoPlace(input.temporaryPath, input.path);
  return { defaultBranch: input.defaultBranch, headSha };
}

/** An empty bare repository whose HEAD is on a branch that has no commit yet. */
export async function initBare(path: string, defaultBranch: string): Promise<Repository> {
  const repository = await nodegit.Repository.init(path, 1);
  await pointHeadAt(repository, defaultBranch);
  pinSettings(path);
  // nodegit does not hand the option of the same name on, and libgit2 would follow a server to any other host.
  appendFileSync(join(path, 'config'), '[http]\n\tfollowRedirects = false\n');
  return repository;
}

export async function pointHeadAt(repository: Repository, branch: string): Promise<void> {
  await nodegit.Reference.symbolicCreate(repository, 'HEAD', BRANCH_PREFIX + branch, 1, '');
}

/** Written into each repository of ours, so that the settings of the machine do not change what files look like. */
export function pinSettings(gitFolder: string): void {
  appendFileSync(join(gitFolder, 'config'), '[core]\n\tautocrlf = false\n\tsymlinks = true\n[gc]\n\tauto = 0\n');
}

async function firstCommit(repository: Repository, input: GitOperations['initBase']['input']): Promise<string> {
  const index = await repository.index();
  for (const file of input.files) {
    const content = Buffer.from(file.content);
    const id = await nodegit.Blob.createFromBuffer(repository, content, content.length);
    const zeroTime = { seconds: 0, nanoseconds: 0 };
    await index.add({
      path: file.path,
      id: id.tostrS(),
      mode: MODE.FILE,
      fileSize: content.length,
      dev: 0,
      ino: 0,
      uid: 0,
      gid: 0,
      mtime: zeroTime,
      ctime: zeroTime,
      flags: 0,
      flagsExtended: 0,
    });
  }
  const tree = await nodegit.Tree.lookup(repository, await index.writeTree());
  const author = commitSignature(input.author);
  const id = await nodegit.Commit.create(
    repository,
    BRANCH_PREFIX + input.defaultBranch,
    author,
    author,
    null,
    `${input.message.trim()}\n`,
    tree,
    0,
    [],
  );
  return id.tostrS();
}
