import type { Viewer } from '../auth/viewer.ts';
import { InvalidInput } from '../graphql/user-error.ts';
import { type Project, ProjectSourceKind } from '../projects/project.entity.ts';
import type { UpdateProjectSetupInput } from './setup.inputs.ts';
import { whyNoWorkspacePath } from './workspace-file-path.ts';

/** Programs get it as one argument, and the kernel takes 128 kB at most. */
export const SCRIPT_MAX_BYTES = 65_536;
const TIMEOUT_MAX_SECONDS = 7_200;
const PATTERNS_MAX = 50;
const FOLDERS_MAX = 20;

/** Why the setup of a project cannot be changed like this. */
export function checkSetup(viewer: Viewer, project: Project, input: UpdateProjectSetupInput): InvalidInput | undefined {
  return (
    checkScript(input.script) ??
    checkTimeout(input.timeoutSeconds) ??
    checkCopiedFiles(viewer, project, input.copiedFiles) ??
    checkCachedFolders(input.cachedFolders)
  );
}

function checkScript(script: string | null | undefined): InvalidInput | undefined {
  if (!script) return undefined;
  if (script.includes('\0') || !script.isWellFormed()) {
    return new InvalidInput('script', 'A script has to be text, without NUL characters.');
  }
  return Buffer.byteLength(script) > SCRIPT_MAX_BYTES
    ? new InvalidInput(
        'script',
        'A script has at most 64 kB. Put a longer one into the repository and call it from here.',
      )
    : undefined;
}

function checkTimeout(seconds: number | null | undefined): InvalidInput | undefined {
  if (typeof seconds !== 'number' || (seconds >= 1 && seconds <= TIMEOUT_MAX_SECONDS)) return undefined;
  return new InvalidInput('timeoutSeconds', `The time limit is 1 to ${TIMEOUT_MAX_SECONDS} seconds.`);
}

function checkCopiedFiles(
  viewer: Viewer,
  project: Project,
  patterns: string[] | null | undefined,
): InvalidInput | undefined {
  if (!patterns) return undefined;
  const refuse = (message: string) => new InvalidInput('copiedFiles', message);
  if (!viewer.isOwner) return refuse('Only the owner of the server may have files copied from its disk.');
  if (patterns.length > 0 && project.sourceKind !== ProjectSourceKind.LOCAL_PATH) {
    return refuse(
      'This project was not added from a local folder, so there is nothing to copy from. Set its files instead.',
    );
  }
  if (patterns.length > PATTERNS_MAX) return refuse(`There are at most ${PATTERNS_MAX} of them.`);
  const bad = patterns.find((pattern) => whyNoWorkspacePath(pattern) !== null);
  return bad === undefined ? undefined : refuse(`"${bad}" cannot be used. ${whyNoWorkspacePath(bad)}`);
}

function checkCachedFolders(folders: string[] | null | undefined): InvalidInput | undefined {
  if (!folders) return undefined;
  if (folders.length > FOLDERS_MAX)
    return new InvalidInput('cachedFolders', `There are at most ${FOLDERS_MAX} of them.`);
  const bad = folders.find((name) => name.includes('/') || whyNoWorkspacePath(name) !== null);
  if (bad === undefined) return undefined;
  return new InvalidInput('cachedFolders', `"${bad}" is not the name of a folder: one name without slashes, not .git.`);
}
