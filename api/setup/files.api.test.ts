import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { conversation, newProject, newSession, talk } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { rerun, setFile, setUp, updateSetup } from '../test/setup.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

jest.setTimeout(60_000);

let app: TestApp;
let projectId: string;
const fixtures: Fixture[] = [];

beforeAll(async () => {
  app = await startTestApp();
}, 60_000);
beforeEach(async () => {
  projectId = await newProject(app);
});
afterAll(async () => {
  await app?.close();
  for (const fixture of fixtures) await fixture.remove();
});

const workspace = (sessionId: string, ...path: string[]) =>
  join(app.dataDir, 'projects', projectId, 'sessions', sessionId, ...path);

async function repository(files: Record<string, string>): Promise<Fixture> {
  const fixture = await makeRepository(files);
  fixtures.push(fixture);
  return fixture;
}

async function commits(sessionId: string): Promise<string[]> {
  const { messages } = await conversation(app, sessionId);
  return messages.nodes.flatMap(({ parts }: { parts: { files?: { path: string }[] }[] }) =>
    parts.flatMap(({ files }) => files?.map(({ path }) => path) ?? []),
  );
}

describe('a file of a project', () => {
  it('is in every new workspace, for the setup and the agent, and never in a commit', async () => {
    expect(await setFile(app, projectId, '.env', 'TOKEN=abc\n')).toMatchObject({
      path: '.env',
      size: 10,
      content: null,
    });
    expect(await setFile(app, projectId, 'config/my [x]!.json', '{}', false)).toMatchObject({ content: '{}' });
    await updateSetup(app, projectId, { script: 'cat .env' });
    const session = await newSession(app, projectId);
    expect((await setUp(app, session.id)).log).toBe('TOKEN=abc\n');
    await talk(app, session.id, '!cat .env > copy.txt; ls -R');
    expect(await commits(session.id)).toEqual(['copy.txt']);
    expect((await stat(workspace(session.id, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(workspace(session.id, 'config/my [x]!.json'), 'utf8')).toBe('{}');
  });

  it('is kept encrypted, and a secret one is never given out', async () => {
    await setFile(app, projectId, '.env', 'canary-in-a-file');
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    const { rows } = await client.query('SELECT t::text AS text FROM project_files AS t WHERE project_id = $1', [
      projectId,
    ]);
    await client.end();
    expect(rows).toHaveLength(1);
    expect(rows[0].text).not.toContain('canary');
    const { project } = await app.ask('query ($id: ID!) { project(id: $id) { files { path content isSecret } } }', {
      id: projectId,
    });
    expect(project.files).toEqual([{ path: '.env', content: null, isSecret: true }]);
  });

  it('comes anew with the next setup, and is gone for new workspaces once it is deleted', async () => {
    await setFile(app, projectId, 'a.cfg', 'one');
    const session = await newSession(app, projectId);
    await setUp(app, session.id);
    await setFile(app, projectId, 'a.cfg', 'two');
    await rerun(app, session.id);
    expect(await readFile(workspace(session.id, 'a.cfg'), 'utf8')).toBe('two');
    const remove = () =>
      app.ask(
        'mutation ($id: ID!) { deleteProjectFile(projectId: $id, path: "a.cfg") { ... on DeleteProjectFileSuccess { path } ... on UserError { code } } }',
        { id: projectId },
      );
    expect((await remove()).deleteProjectFile).toEqual({ path: 'a.cfg' });
    expect((await remove()).deleteProjectFile).toEqual({ code: 'NOT_FOUND' });
    const next = await newSession(app, projectId);
    await talk(app, next.id, '!true');
    expect(existsSync(workspace(next.id, 'a.cfg'))).toBe(false);
  });

  it('does not take the place of one of the repository', async () => {
    projectId = await newProject(app, { localPath: (await repository({ 'a.txt': 'theirs\n', 'b/c.txt': 'x' })).path });
    await setFile(app, projectId, 'a.txt', 'ours');
    await setFile(app, projectId, 'b', 'a file for a folder');
    await setFile(app, projectId, 'a.txt/x', 'below a file');
    const session = await newSession(app, projectId);
    const setup = await setUp(app, session.id);
    expect(setup.status).toBe('SUCCEEDED');
    expect(setup.log.match(/was left out/g)).toHaveLength(3);
    expect(await readFile(workspace(session.id, 'a.txt'), 'utf8')).toBe('theirs\n');
  });

  it('is refused where it may not be', async () => {
    for (const path of ['../x', '/etc/x', '.git/config', 'a/.GIT/hooks/x', '']) {
      expect(await setFile(app, projectId, path, 'x')).toMatchObject({ field: 'path' });
    }
    expect(await setFile(app, projectId, 'a', 'x'.repeat(262_145))).toMatchObject({ field: 'content' });
    expect(await setFile(app, '999999', 'a', 'x')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not written through a link, whoever made it', async () => {
    const outside = await repository({ 'target.txt': 'untouched\n' });
    const fixture = await repository({ 'README.md': '' });
    await symlink(outside.path, join(fixture.path, 'linked'));
    await git(fixture.path, 'add', '--all');
    await git(fixture.path, 'commit', '--quiet', '--message=A link');
    projectId = await newProject(app, { localPath: fixture.path });
    await setFile(app, projectId, 'linked/target.txt', 'stolen');
    await setFile(app, projectId, 'plain.txt', 'one');
    await setFile(app, projectId, 'folder/deep.txt', 'one');
    const session = await newSession(app, projectId);
    expect((await setUp(app, session.id)).log).toContain('linked/target.txt was left out');
    await talk(
      app,
      session.id,
      `!rm -r plain.txt folder; ln -s ${outside.path}/target.txt plain.txt; ln -s ${outside.path} folder`,
    );
    await rerun(app, session.id);
    expect((await setUp(app, session.id)).log.match(/was left out/g)).toHaveLength(3);
    expect(await readFile(join(outside.path, 'target.txt'), 'utf8')).toBe('untouched\n');
    expect(existsSync(join(outside.path, 'deep.txt'))).toBe(false);
  });
});

describe('files copied from the local folder of a project', () => {
  it('are those of the list, which git does not have', async () => {
    const fixture = await repository({ '.gitignore': '.env\n*.local\n', 'a.txt': 'a' });
    await writeFile(join(fixture.path, '.env'), 'A=1\n', { mode: 0o600 });
    await mkdir(join(fixture.path, 'config/deep'), { recursive: true });
    await writeFile(join(fixture.path, 'config/deep/x.local'), 'x', { mode: 0o755 });
    await writeFile(join(fixture.path, 'config/other.txt'), 'not on the list');
    projectId = await newProject(app, { localPath: fixture.path });
    expect(await updateSetup(app, projectId, { copiedFiles: ['.env', '**/*.local', 'missing.txt'] })).toMatchObject({
      copiedFiles: ['.env', '**/*.local', 'missing.txt'],
    });
    const session = await newSession(app, projectId);
    const setup = await setUp(app, session.id);
    expect(setup).toMatchObject({ status: 'SUCCEEDED', log: '[missing.txt was not copied. It is not there.]\n' });
    expect(await readFile(workspace(session.id, '.env'), 'utf8')).toBe('A=1\n');
    expect((await stat(workspace(session.id, 'config/deep/x.local'))).mode & 0o777).toBe(0o755);
    expect(existsSync(workspace(session.id, 'config/other.txt'))).toBe(false);
  });

  it('do not come from behind a link', async () => {
    const outside = await repository({ 'secret.txt': 'secret' });
    const fixture = await repository({ 'a.txt': 'a' });
    projectId = await newProject(app, { localPath: fixture.path });
    await symlink(join(outside.path, 'secret.txt'), join(fixture.path, 'link.txt'));
    await symlink(outside.path, join(fixture.path, 'folder'));
    await updateSetup(app, projectId, { copiedFiles: ['link.txt', 'folder/secret.txt', '**/secret.txt', '**/link.*'] });
    const session = await newSession(app, projectId);
    const { log } = await setUp(app, session.id);
    expect(log).toContain('link.txt was not copied. It is a link.');
    expect(log).toContain('folder/secret.txt was not copied. It lies behind a link.');
    expect(existsSync(workspace(session.id, 'link.txt'))).toBe(false);
    expect(existsSync(workspace(session.id, 'folder'))).toBe(false);
  });

  it('are refused for a project without a folder, and outside of it', async () => {
    expect(await updateSetup(app, projectId, { copiedFiles: ['.env'] })).toMatchObject({ field: 'copiedFiles' });
    projectId = await newProject(app, { localPath: (await repository({ a: 'a' })).path });
    for (const pattern of ['../x', '/etc/passwd', '.git/config', 'a/../../b']) {
      expect(await updateSetup(app, projectId, { copiedFiles: [pattern] })).toMatchObject({ field: 'copiedFiles' });
    }
  });
});
