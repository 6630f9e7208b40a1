import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { createTestDatabase } from '../test/test-database.ts';
import { startTestApp } from '../test/testkit.ts';

const FILES = `query ($id: ID!) {
  chatSession(id: $id) {
    diff { ... on Diff { to { kind } files { path additions } } ... on UserError { code message } }
    fileDiff(path: "a.txt") { ... on FileDiff { hunks { lines { kind text } } } ... on UserError { code message } }
    folder { ... on Folder { entries { name } } ... on UserError { code message } }
    file(path: "a.txt") { ... on FileContent { text } ... on UserError { code message } }
  }
}`;

it('the files of a session are shown by an api that runs apart from its runner', async () => {
  const database = await createTestDatabase();
  const keys = { KOSUKE_SECRETS_KEYS: randomBytes(32).toString('base64') };
  const runner = await startTestApp({ ...keys, KOSUKE_ROLE: 'runner' }, database);
  const api = await startTestApp({ ...keys, KOSUKE_ROLE: 'api' }, database);
  try {
    const projectId = await newProject(api);
    const { id } = await newSession(api, projectId);
    await talk(api, id, '!echo a > a.txt');
    const { chatSession } = await api.ask(FILES, { id });
    expect(chatSession.diff).toMatchObject({ to: { kind: 'WORKSPACE' }, files: [{ path: 'a.txt', additions: 1 }] });
    expect(chatSession.fileDiff.hunks).toEqual([{ lines: [{ kind: 'ADDED', text: 'a' }] }]);
    expect(chatSession.folder.entries).toContainEqual({ name: 'a.txt' });
    expect(chatSession.file).toEqual({ text: 'a\n' });

    // What the runner throws comes over as it is.
    await rm(join(runner.dataDir, 'projects', projectId, 'sessions', id, '.git'), { recursive: true });
    const broken = (await api.ask(FILES, { id })).chatSession;
    expect(broken.diff).toEqual({ code: 'NOT_A_REPOSITORY', message: expect.stringContaining('.git') });
  } finally {
    await api.close();
    await runner.close();
  }
}, 60_000);
