import type { DataSource } from 'typeorm';
import type { Git, GitProgress } from '../git/git.ts';
import type { SandboxEngine } from '../sandbox/sandbox.ts';
import type { ChatSession } from '../sessions/session.entity.ts';
import { EnvironmentScope } from '../settings/environment-variable.entity.ts';
import type { GivenEnvironment, ProjectEnvironment } from '../settings/project-environment.ts';
import type { OpenWorkspace } from '../workspaces/workspace-store.ts';
import type { Dependencies } from './dependencies.ts';
import { putFiles } from './given-files.ts';
import type { ProjectFiles } from './project-files.ts';
import { noSetup, ProjectSetup, REPOSITORY_SCRIPT } from './project-setup.entity.ts';
import { runScript } from './run-script.ts';
import type { SetupLog } from './setup-log.ts';
import { SCRIPT_MAX_BYTES } from './setup-rules.ts';
import { type SetupCacheUse, SetupRun, SetupScriptOrigin } from './setup-run.entity.ts';

/** What a failed download looks like, in the words of package managers and of the C library. */
const NO_NETWORK =
  /EAI_AGAIN|ENOTFOUND|ENETUNREACH|ECONNREFUSED|getaddrinfo|could not resolve|couldn't resolve|name resolution|name or service not known|network is (?:unreachable|down)|dial tcp|failed to establish a new connection|no such host/i;
const TAIL = 8_000;

/** Why a setup did not work out; `message` is for a person. */
export class SetupFailed extends Error {
  override readonly name = 'SetupFailed';

  constructor(
    message: string,
    readonly end: Partial<Pick<SetupRun, 'exitCode' | 'timedOut'>> = {},
  ) {
    super(message);
  }
}

interface SetupContext {
  run: SetupRun;
  session: ChatSession;
  log: SetupLog;
  report(progress: GitProgress): void;
  signal: AbortSignal;
}

interface Parts {
  dataSource: DataSource;
  git: Git;
  sandbox: SandboxEngine;
  environment: ProjectEnvironment;
  files: ProjectFiles;
  dependencies: Dependencies;
  /** The session's workspace, made when it is not there. */
  workspace(session: ChatSession): Promise<OpenWorkspace>;
}

/** What a setup consists of: the files of the project, dependencies that are there already, then its script. */
export class SetupSteps {
  constructor(private readonly parts: Parts) {}

  /** @throws SetupFailed, GitError, EnvironmentUnreadable, SandboxUnavailable, SandboxRefused */
  async run(context: SetupContext): Promise<Pick<SetupRun, 'exitCode'>> {
    const { run, session, log, report, signal } = context;
    const { dataSource, environment } = this.parts;
    report({ phase: 'Making the workspace' });
    const workspace = await this.parts.workspace(session);
    const setup =
      (await dataSource.manager.findOneBy(ProjectSetup, { projectId: session.projectId })) ??
      noSetup(session.projectId);
    const given = await environment.of(session.projectId, EnvironmentScope.SETUP);
    await this.putFiles(workspace, session, setup, log);
    const script = await this.script(setup, session, workspace);
    signal.throwIfAborted();
    if (!script) return { exitCode: null };
    await dataSource.manager.update(SetupRun, { id: run.id }, { scriptOrigin: script.origin });
    report({ phase: 'Looking for dependencies of earlier setups' });
    const { cachedFolders: folderNames } = setup;
    const dependencies = await this.parts.dependencies.before({
      ...{ run, session, workspace, script: script.text, folderNames, environment: given },
    });
    const save = (cacheUse: SetupCacheUse) => dataSource.manager.update(SetupRun, { id: run.id }, { cacheUse });
    await save(dependencies.use);
    signal.throwIfAborted();
    report({ phase: 'Running the setup script' });
    let hasSucceeded = false;
    try {
      const end = await this.runScript(script.text, workspace, setup, given, context);
      hasSucceeded = true;
      return end;
    } finally {
      report({ phase: 'Keeping the dependencies for the next workspace' });
      // A script that was cut off from outside says nothing about what it began with.
      if (!signal.aborted) await save(await dependencies.after(hasSucceeded));
    }
  }

  private async putFiles(
    workspace: OpenWorkspace,
    session: ChatSession,
    setup: ProjectSetup,
    log: SetupLog,
  ): Promise<void> {
    const { files, problems } = await this.parts.files.of(session.projectId, setup.copiedFiles);
    const place = { workspacePath: workspace.path, branch: session.branch };
    problems.push(...(await putFiles(this.parts.git, place, files)));
    for (const problem of problems) await log.write(`[${problem}]\n`);
  }

  /** The script of the settings, or else the one of the base branch: never one that an agent wrote in this session. */
  private async script(setup: ProjectSetup, session: ChatSession, { basePath }: OpenWorkspace) {
    if (setup.script) return { text: setup.script, origin: SetupScriptOrigin.SETTINGS };
    if (!setup.runsRepositoryScript) return null;
    const { baseBranch } = session;
    const [file] = await this.parts.git.branchFiles({
      ...{ path: basePath, branch: baseBranch, files: [REPOSITORY_SCRIPT], maxBytes: SCRIPT_MAX_BYTES },
    });
    if (!file?.kind) return null;
    if (file.text === null || file.text.includes('\0')) {
      throw new SetupFailed(`${REPOSITORY_SCRIPT} on ${baseBranch} is not a text file of at most 64 kB.`);
    }
    return { text: file.text.replaceAll('\r\n', '\n'), origin: SetupScriptOrigin.REPOSITORY };
  }

  private async runScript(
    text: string,
    workspace: OpenWorkspace,
    { timeoutSeconds }: ProjectSetup,
    { variables, mask }: GivenEnvironment,
    { log, signal }: SetupContext,
  ): Promise<Pick<SetupRun, 'exitCode'>> {
    const shown = mask.stream();
    let tail = '';
    const write = (piece: string) => {
      tail = (tail + piece).slice(-TAIL);
      return log.write(piece);
    };
    const { exitCode, timedOut } = await runScript(
      this.parts.sandbox,
      {
        text,
        workspacePath: workspace.path,
        homePath: workspace.homePath,
        environment: variables,
        timeoutMs: timeoutSeconds * 1_000,
      },
      (output) => write(shown.push(output)),
      signal,
    );
    await write(shown.end());
    signal.throwIfAborted();
    if (timedOut) {
      throw new SetupFailed(
        `The setup script took longer than its time limit of ${timeoutSeconds} seconds and was ended. Raise the limit, or do less in it.`,
        { timedOut },
      );
    }
    if (exitCode === 0) return { exitCode };
    const how = exitCode === null ? 'was ended by the system' : `ended with exit code ${exitCode}`;
    const hint = NO_NETWORK.test(tail)
      ? ' It seems to have wanted something from the network, which the sandbox does not have: nothing can be downloaded in it.'
      : '';
    throw new SetupFailed(`The setup script ${how}.${hint}`, { exitCode });
  }
}
