import type { Kit } from './testkit.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
type Seen = any;

const SETUP =
  'id status scriptOrigin exitCode timedOut message cacheUse log logLength logTruncated startedAt finishedAt';

export async function updateSetup(kit: Kit, projectId: string, change: Record<string, unknown>): Promise<Seen> {
  const { updateProjectSetup } = await kit.ask(
    `mutation ($input: UpdateProjectSetupInput!) { updateProjectSetup(input: $input) {
       ... on ProjectSetup { script runsRepositoryScript timeoutSeconds copiedFiles cachedFolders }
       ... on UserError { code message } ... on InvalidInput { field } } }`,
    { input: { projectId, ...change } },
  );
  return updateProjectSetup;
}

export async function setFile(kit: Kit, projectId: string, path: string, content: string, isSecret = true) {
  const { setProjectFile } = await kit.ask(
    `mutation ($input: SetProjectFileInput!) { setProjectFile(input: $input) {
       ... on ProjectFile { path size isSecret content } ... on UserError { code message } ... on InvalidInput { field } } }`,
    { input: { projectId, path, content, isSecret } },
  );
  return setProjectFile as Seen;
}

export async function setupOf(kit: Kit, sessionId: string): Promise<Seen> {
  const { chatSession } = await kit.ask(`query ($id: ID!) { chatSession(id: $id) { setup { ${SETUP} } } }`, {
    id: sessionId,
  });
  return chatSession.setup;
}

/** What the subscription sends from now on. */
export function watchSetup(kit: Kit, sessionId: string, from: { setupRunId?: string; after?: number } = {}) {
  return kit.watch(
    `subscription ($id: ID!, $run: ID, $after: Int) { setupLogAppended(chatSessionId: $id, setupRunId: $run, after: $after) {
       setupRunId offset text setup { ${SETUP} } } }`,
    { id: sessionId, run: from.setupRunId, after: from.after },
  );
}

/** Waits for the end of the newest setup of a session. */
export async function setUp(kit: Kit, sessionId: string): Promise<Seen> {
  for await (const { setupLogAppended } of watchSetup(kit, sessionId)) {
    if (!['QUEUED', 'RUNNING'].includes(setupLogAppended.setup.status)) return setupOf(kit, sessionId);
  }
}

export async function rerun(kit: Kit, sessionId: string): Promise<Seen> {
  const { rerunSetup } = await kit.ask(
    `mutation ($id: ID!) { rerunSetup(chatSessionId: $id) {
       ... on WorkspaceOperation { id kind status errorCode errorMessage } ... on UserError { code message } } }`,
    { id: sessionId },
  );
  return rerunSetup;
}

export async function stopSetup(kit: Kit, sessionId: string): Promise<Seen> {
  const { stopSetup: result } = await kit.ask(
    'mutation ($id: ID!) { stopSetup(chatSessionId: $id) { ... on SetupRun { id status } ... on UserError { code message } } }',
    { id: sessionId },
  );
  return result;
}
