import { GitError } from '../git/git-error.ts';
import type { Missing } from '../git/reads.ts';
import { Conflict, InvalidInput, NotFound } from '../graphql/user-error.ts';
import { RunnerUnreachable } from '../runner-queries/runner-queries.ts';
import { type ChatSession, WorkspaceStatus } from '../sessions/session.entity.ts';

export type Refusal = InvalidInput | NotFound | Conflict;

/** What is not there, told to a person. */
export function refusalOf({ missing }: Missing, session: ChatSession, path: string): Refusal {
  const name = JSON.stringify(path);
  switch (missing) {
    case 'repository':
    case 'files':
      return withoutFiles(session);
    case 'commit':
      return new NotFound('This commit is not part of this chat.');
    case 'base-branch':
      return new Conflict(
        'BASE_BRANCH_GONE',
        `The branch "${session.baseBranch}" that this chat was cut from is not in the project any more. Compare with one of its messages instead.`,
      );
    case 'path':
      return new NotFound(`There is no ${name} among the files of this chat at that point.`);
    case 'behind-link':
      return new Conflict('BEHIND_LINK', `${name} lies behind a link. Links are shown, but not followed.`);
    case 'not-a-folder':
      return new InvalidInput('path', `${name} is not a folder.`);
    case 'not-a-file':
      return new InvalidInput('path', `${name} is not a file.`);
  }
}

/** What kept the runner from looking, told to a person. Bugs are thrown on. */
export function refusalFor(error: unknown): Conflict {
  if (error instanceof RunnerUnreachable) return new Conflict('RUNNER_UNREACHABLE', error.message);
  if (!(error instanceof GitError) || error.code === 'unexpected') throw error;
  if (error.code === 'aborted' || error.code === 'timeout') {
    return new Conflict('TOOK_TOO_LONG', 'Looking at the files took too long and was stopped. Try again in a moment.');
  }
  return new Conflict(error.code.replaceAll('-', '_').toUpperCase(), error.message);
}

function withoutFiles({ workspaceStatus, workspaceMessage }: ChatSession): Conflict {
  switch (workspaceStatus) {
    case WorkspaceStatus.PREPARING:
      return new Conflict(
        'WORKSPACE_PREPARING',
        'The workspace of this chat is still being made. Try again in a moment.',
      );
    case WorkspaceStatus.FAILED:
      return new Conflict(
        'WORKSPACE_FAILED',
        `The workspace of this chat could not be made, so there are no files. ${workspaceMessage ?? ''}`.trim(),
      );
    default:
      return new Conflict(
        'WORKSPACE_GONE',
        'The workspace of this chat is not on the disk, and nothing was committed in it. Sending a message makes it again.',
      );
  }
}
